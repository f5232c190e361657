package cli

import "io"

// Painter colours text, or does nothing where colour is not wanted. What it is
// given must be safe for a terminal already.
type Painter struct{ on bool }

// Painter for text on the standard output: colour only for a terminal that
// understands it and without NO_COLOR, or always or never as --color says.
func (e *Env) Painter(o *Coloring) Painter { return e.painter(o, e.StdoutIsTerminal()) }

func (e *Env) painter(o *Coloring, terminal bool) Painter {
	switch o.Color {
	case "always":
		return Painter{true}
	case "never":
		return Painter{}
	}
	return Painter{terminal && e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"}
}

// On reports whether colour is wanted.
func (p Painter) On() bool { return p.on }

// Bold returns the text in bold; the others in their colour.
func (p Painter) Bold(s string) string { return p.paint("1", s) }

// Dim returns the text in that style.
func (p Painter) Dim(s string) string { return p.paint("2", s) }

// Red returns the text in that style.
func (p Painter) Red(s string) string { return p.paint("31", s) }

// Green returns the text in that style.
func (p Painter) Green(s string) string { return p.paint("32", s) }

// Yellow returns the text in that style.
func (p Painter) Yellow(s string) string { return p.paint("33", s) }

// Blue returns the text in that style.
func (p Painter) Blue(s string) string { return p.paint("34", s) }

// Magenta returns the text in that style.
func (p Painter) Magenta(s string) string { return p.paint("35", s) }

// Cyan returns the text in that style.
func (p Painter) Cyan(s string) string { return p.paint("36", s) }

func (p Painter) paint(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Notes is where a command says things to a person: env.Stderr, or nowhere with
// --quiet. Errors go to env.Stderr in any case.
func (e *Env) Notes(o interface{ quiet() bool }) io.Writer {
	if o.quiet() {
		return io.Discard
	}
	return e.Stderr
}
