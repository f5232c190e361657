package report

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/mend"
)

// Lines shows lines of a log to a person, harmless and cut to a width.
type Lines struct {
	W     io.Writer
	Width int
	// Red is how the mark of a fault is painted.
	Red func(string) string
}

// Marked writes what there is room for of a line around the byte at, and a
// caret under that byte; if at is -1, the beginning without one. The first line
// is written behind head, which must be safe.
func (l Lines) Marked(head string, line []byte, at int) error {
	indent := safetext.Width(head)
	line = bytes.TrimSuffix(line, []byte("\n"))
	text, caret := safetext.Caret(line, at, max(l.Width-indent, 20))
	if _, err := fmt.Fprintf(l.W, "%s%s\n", head, text); err != nil || at < 0 {
		return err
	}
	_, err := fmt.Fprintf(l.W, "%s%s%s\n", strings.Repeat(" ", indent), strings.TrimSuffix(caret, "^"), l.Red("^"))
	return err
}

// MaxPieces bounds what is shown of one line, which may hold half a million
// records.
const MaxPieces = 100

// signs stand before the pieces of a line: - for what is gone, + for what is
// left.
var signs = map[mend.Fate]string{mend.Drop: "-", mend.Keep: "+", mend.Add: "+"}

// Pieces writes what a repair makes of a changed line, piece by piece.
func (l Lines) Pieces(pieces iter.Seq[mend.Piece]) (err error) {
	n := 0
	for p := range pieces {
		if n++; n > MaxPieces {
			_, err = fmt.Fprintln(l.W, "  … and more pieces")
			break
		}
		head := fmt.Sprintf("  %s %s at byte %d, length %d: ", signs[p.Fate], p.Fate, p.Offset, p.Length)
		text := "NUL bytes"
		if p.Text != nil {
			text = safetext.Clip(string(p.Text[:min(len(p.Text), 20*l.Width)]), max(l.Width-len(head), 20))
		}
		if _, err = fmt.Fprintln(l.W, head+text); err != nil {
			break
		}
	}
	return err
}
