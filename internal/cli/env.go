package cli

import (
	"context"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// Env is the world as a command sees it. A command takes streams, clock and
// environment from here only.
type Env struct {
	// Ctx ends when the process is asked to stop (SIGINT, SIGTERM). A command
	// that sees it end cleans up and returns an error; context.Cause says which
	// signal it was.
	Ctx context.Context

	Stdin          io.Reader // the one to read from: it ends with Ctx, and what was peeked at is still in it
	Stdout, Stderr io.Writer

	// The same streams as files, for what only a file can answer (terminal or
	// pipe, size). Nil in tests. Do not read from StdinFile.
	StdinFile, StdoutFile, StderrFile *os.File

	Getenv func(string) string // like os.Getenv
	Now    func() time.Time    // like time.Now
	// Open opens a log by its name. Nil means stream.Open.
	Open func(ctx context.Context, path string) (*stream.Log, error)

	Prog string // name of the program as it is shown in messages: papyra-scan

	silent   bool     // nothing is said on Stderr
	command  []string // the subcommands that were selected, for hints
	settings settings
	outputs  []output          // what the flags of this run write
	given    map[string]string // the flags of settings that were given, by key
}

// OSEnv is the environment of the real process. Interrupts are not wired here;
// see Main.
func OSEnv(prog string) *Env {
	widen(os.Stdin, os.Stdout)
	return &Env{
		Ctx:   context.Background(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinFile: os.Stdin, StdoutFile: os.Stdout, StderrFile: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Prog: prog,
	}
}

// StdinIsTerminal reports whether a person types the standard input.
func (e *Env) StdinIsTerminal() bool { return isTerminal(e.StdinFile) }

// StdoutIsTerminal reports whether a person reads the standard output.
func (e *Env) StdoutIsTerminal() bool { return isTerminal(e.StdoutFile) }

// Width is the number of columns for text on the standard output: that of the
// terminal, else $COLUMNS, else 80.
func (e *Env) Width() int { return e.columns(e.StdoutFile) }

// TableWidth is the number of columns that a table on the standard output may
// have: that of the terminal, else $COLUMNS; 0, any number, where neither says.
func (e *Env) TableWidth() int {
	if w, err := strconv.Atoi(e.getenv("COLUMNS")); !e.StdoutIsTerminal() && (err != nil || w <= 0) {
		return 0
	}
	return e.Width()
}

func (e *Env) columns(f *os.File) int {
	if f != nil {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if w, err := strconv.Atoi(e.getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

func (e *Env) getenv(key string) string {
	if e.Getenv == nil {
		return ""
	}
	return e.Getenv(key)
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }
