package cli

import (
	"io"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// Painter for text on the standard output: colour only for a terminal that
// understands it and without NO_COLOR, or always or never as --color says.
func (e *Env) Painter(o *Coloring) safetext.Painter {
	return e.painter(o, e.StdoutIsTerminal())
}

func (e *Env) painter(o *Coloring, terminal bool) safetext.Painter {
	switch o.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return safetext.Painter(terminal && e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb")
}

// Notes is where a command says things to a person: env.Stderr, or nowhere with
// --quiet. Errors go to env.Stderr in any case.
func (e *Env) Notes(o interface{ quiet() bool }) io.Writer {
	if o.quiet() {
		return io.Discard
	}
	return e.Stderr
}
