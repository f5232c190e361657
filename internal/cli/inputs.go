package cli

import (
	"bufio"
	"io"
	"os"
)

// RewriteInputs names the logs that a command works on. Embed it; see Inputs for commands that only read.
type RewriteInputs struct {
	Args      []string `arg:"" optional:"" name:"path" help:"Log to work on; - is standard input."`
	Path      []string `name:"path" sep:"none" placeholder:"PATH" help:"Log to work on; the same as giving it as an argument." group:"input"`
	FilesFrom string   `placeholder:"FILE" help:"Read names of logs from this file, one a line; - is standard input." group:"input"`
	Null      bool     `short:"0" name:"null" help:"Names in --files-from end with a NUL byte instead of a newline." group:"input"`
}

// Inputs is RewriteInputs for commands that only read.
type Inputs struct {
	RewriteInputs
	Rotated bool `help:"Read PATH and its rotated siblings, oldest first, as one log." group:"input"`
}

// Input is one log to work on.
type Input struct {
	Path  string // as it was given; "-" for standard input
	Stdin bool
}

// Resolve decides what to work on:
//
//   - explicit paths (arguments, --path, --files-from), in this order; "-" is standard input;
//   - else the configured path (PAPYRA_PATH, or path in papyra.json), except that standard input wins when it is not a terminal
//     and delivers at least one byte, so that a pipeline works with a configured path too;
//   - else standard input, if it is not a terminal;
//   - else a usage error.
//
// To see whether data comes, Resolve may read ahead: env.Stdin is replaced by a reader that gives the byte back.
func (in *RewriteInputs) Resolve(env *Env) ([]Input, error) {
	paths := append(append([]string(nil), in.Args...), in.Path...)
	if in.Null && in.FilesFrom == "" {
		return nil, Usagef("-0 goes with --files-from")
	}
	if in.FilesFrom != "" {
		names, err := readNames(env, in.FilesFrom, in.Null)
		if err != nil {
			return nil, err
		}
		if paths = append(paths, names...); len(paths) == 0 {
			return nil, nil // an empty list of names is no names, not standard input
		}
	}
	if len(paths) > 0 {
		return explicit(paths, in.FilesFrom == "-")
	}
	configured, _, ok := env.Setting("path")
	switch {
	case ok && !env.stdinDelivers():
		if configured == "-" {
			return []Input{{Path: "-", Stdin: true}}, nil
		}
		return []Input{{Path: configured}}, nil
	case !ok && env.stdinIsTerminalOrNone():
		return nil, Usagef("no log given: name a PATH, pipe data in, or set PAPYRA_PATH")
	}
	return []Input{{Path: "-", Stdin: true}}, nil
}

func explicit(paths []string, stdinTaken bool) ([]Input, error) {
	inputs := make([]Input, 0, len(paths))
	for _, p := range paths {
		switch {
		case p == "":
			return nil, Usagef("empty path")
		case p == "-" && stdinTaken:
			return nil, Usagef("standard input can be read only once")
		case p == "-":
			stdinTaken = true
			inputs = append(inputs, Input{Path: "-", Stdin: true})
		default:
			inputs = append(inputs, Input{Path: p})
		}
	}
	return inputs, nil
}

// stdinIsTerminalOrNone reports whether there is nothing to read from.
func (e *Env) stdinIsTerminalOrNone() bool {
	return e.Stdin == nil || e.StdinIsTerminal()
}

// stdinDelivers reports whether standard input is a pipe, a regular file or a socket with at least one byte in it. It waits for
// the first byte or the end. Others (terminals, /dev/null and other devices) are not looked into.
func (e *Env) stdinDelivers() bool {
	if e.Stdin == nil {
		return false
	}
	if e.StdinFile != nil {
		info, err := e.StdinFile.Stat()
		if err != nil {
			return false
		}
		if mode := info.Mode(); !mode.IsRegular() && mode&(os.ModeNamedPipe|os.ModeSocket) == 0 {
			return false
		}
		if info.Mode().IsRegular() {
			at, err := e.StdinFile.Seek(0, io.SeekCurrent)
			return err == nil && at < info.Size()
		}
	}
	r := bufio.NewReaderSize(e.Stdin, 1<<16)
	e.Stdin = r
	_, err := r.Peek(1)
	return err != io.EOF // a read error is found again, and reported, by whoever reads
}
