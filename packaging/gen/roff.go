package main

import (
	"fmt"
	"strings"
)

// roff builds a man page.
type roff struct {
	b     strings.Builder
	fresh bool // the last line was a heading: no new paragraph is to be begun
}

func (r *roff) String() string { return r.b.String() }

// line writes a line as it is: requests, and text that is escaped already.
func (r *roff) line(format string, args ...any) {
	fmt.Fprintf(&r.b, format+"\n", args...)
	r.fresh = strings.HasPrefix(format, ".SH") || strings.HasPrefix(format, ".SS")
}

func (r *roff) section(title string) { r.line(".SH %s", strings.ToUpper(title)) }

// text writes a paragraph's text.
func (r *roff) text(s string) { r.line("%s", escape(strings.Join(strings.Fields(s), " "))) }

func (r *roff) tagged(tag, text string) {
	r.line(".TP")
	r.line("%s", tag)
	r.text(text)
}

func (r *roff) option(f option) {
	tag := `\fB\-\-` + escape(f.Long) + `\fR`
	if f.Short != "" {
		tag = `\fB\-` + escape(f.Short) + `\fR, ` + tag
	}
	if f.Value != "" {
		tag += `=\fI` + escape(f.Value) + `\fR`
	}
	r.tagged(tag, f.Help)
}

// block is a paragraph, or a piece of text that keeps its line breaks.
type block struct {
	text string
	code bool
}

func (r *roff) blocks(blocks []block) {
	for _, b := range blocks {
		if !r.fresh {
			r.line(".PP")
		}
		if !b.code {
			r.text(b.text)
			continue
		}
		r.line(".RS 4\n.nf")
		for _, line := range strings.Split(b.text, "\n") {
			r.line("%s", escape(line))
		}
		r.line(".fi\n.RE")
	}
}

// split takes the text of a Help method apart: what stands below a line
// "Examples:" (or "Example:"), and the rest. Indented lines keep their breaks.
func split(detail string) (prose, examples []block) {
	into, fresh, gap := &prose, true, "\n"
	for _, line := range strings.Split(detail, "\n") {
		trimmed, last := strings.TrimSpace(line), len(*into)-1
		text, code := strings.CutPrefix(line, "  ")
		switch {
		case trimmed == "Examples:" || trimmed == "Example:":
			into, fresh = &examples, true
		case trimmed == "" && !fresh && (*into)[last].code:
			gap += "\n" // within the piece, if it goes on
		case trimmed == "":
			fresh = true
		case code && !fresh && (*into)[last].code:
			(*into)[last].text += gap + text
			gap = "\n"
		case !code && !fresh && !(*into)[last].code:
			(*into)[last].text += " " + trimmed
		case code:
			*into, fresh, gap = append(*into, block{text, true}), false, "\n"
		default:
			if !fresh { // below the examples
				into = &prose
			}
			*into, fresh = append(*into, block{trimmed, false}), false
		}
	}
	return prose, examples
}

// escape makes text stand for itself in roff.
func escape(s string) string {
	s = strings.ReplaceAll(s, `\`, `\e`)
	s = strings.ReplaceAll(s, "-", `\-`)
	s = strings.ReplaceAll(s, "'", `\(aq`)
	s = strings.ReplaceAll(s, "`", `\(ga`)
	s = strings.ReplaceAll(s, "^", `\(ha`)
	s = strings.ReplaceAll(s, "~", `\(ti`)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
