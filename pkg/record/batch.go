package record

import "github.com/papyra-tools/papyra/internal/jsonscan"

// Batch gives the verdicts on the lines of a text, one after the other. They
// are those of Check, at a lower cost: the text is looked at as a whole,
// whatever lines there are. A batch takes some 130 KiB and is meant to be used
// again, also for other texts: it learns what lines look like.
type Batch struct {
	c     *Checker
	text  []byte
	at    int
	lines jsonscan.Lines
	found jsonscan.Result
	last  minute // that a time was in
}

// Reset starts with the first line of text, which must not change before the
// last one is checked.
func (b *Batch) Reset(c *Checker, text []byte) {
	b.c, b.text, b.at = c, text, 0
	b.lines.Reset(c.fields, text, c.maxDepth)
}

// Next returns the next line, without its newline, and whether it has one, and
// sets r to the verdict on it; pos tells what the text does not, and need not
// tell that the line is unterminated. There must be a line left: one is as long
// as those before, with their newlines, are shorter than the text.
func (b *Batch) Next(pos Position, r *Result) (line []byte, terminated bool) {
	*r = b.c.blank()
	end, ok := b.lines.Next(&b.found)
	line, terminated = b.text[b.at:end:end], end < len(b.text)
	b.at = end + 1
	if !terminated {
		pos |= Unterminated
	}
	if ok && pos&^First == 0 && !b.c.exceeds(line) {
		b.c.judge(r, line, &b.found, 0, &b.last)
	} else {
		b.c.slow(r, line, pos)
	}
	return line, terminated
}
