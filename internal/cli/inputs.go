package cli

import (
	"cmp"
	"iter"
	"slices"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// Named are the logs that a command line names. Embed it, or what holds it.
type Named struct {
	Args []string `arg:"" optional:"" name:"path" file:"log" help:"Log to work on; - is standard input."`
	Path []string `name:"path" sep:"none" setting:"path" file:"log" placeholder:"PATH" help:"Log to work on; the same as giving it as an argument." group:"input"`
}

// RewriteInputs says what logs a command works on. Embed it; see Inputs for
// commands that take rotated sets.
type RewriteInputs struct {
	Named
	FilesFrom string `file:"read" placeholder:"FILE" help:"Read names of logs from this file, one a line; - is standard input." group:"input"`
	Null      bool   `short:"0" name:"null" help:"Names in --files-from end with a NUL byte instead of a newline." group:"input"`
	Missing   string `enum:"ok,fail" default:"${missing}" placeholder:"WHAT" help:"Take a log that does not exist for an empty one (ok), or fail." group:"input"`
}

// Inputs is RewriteInputs for commands that take rotated sets.
type Inputs struct {
	RewriteInputs
	Caching
	Rotated bool `help:"Take PATH and its rotated siblings, oldest first, as one log; repair takes each by itself, and compact removes old files whole." group:"input"`
}

// Input is one log to work on.
type Input struct {
	Path  string // as it was given; "-" for standard input
	Stdin bool

	implied bool // nothing was given
	// Of a file found in a folder: the folder, its name below that, and why
	// that is no file to be opened.
	folder, below string
	err           error
}

// Found reports whether the log was found in a folder, and not named.
func (in Input) Found() bool { return in.folder != "" }

// Folder is the folder in which the log was found, or "".
func (in Input) Folder() string { return in.folder }

// Absent is what a log at path that does not exist means: nil where --missing
// ok accepts it as an empty one.
func (in *RewriteInputs) Absent(path string) error {
	if in.Missing == "ok" {
		return nil
	}
	return Failf(ExitFailed, "%s does not exist (--missing ok accepts that)", path)
}

// Listed yields the inputs of a list.
func Listed(inputs []Input) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		for _, input := range inputs {
			if !yield(input, nil) {
				return
			}
		}
	}
}

// List returns what Each yields, as a list.
func List(each iter.Seq2[Input, error]) ([]Input, error) {
	var inputs []Input
	for input, err := range each {
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, input)
	}
	return inputs, nil
}

// Ahead is what Each yields with the first input looked up already, so that what
// is wrong with the command line is known before anything is written.
func Ahead(each iter.Seq2[Input, error]) (iter.Seq2[Input, error], error) {
	next, stop := iter.Pull2(each)
	input, err, ok := next()
	if err != nil {
		stop()
		return nil, err
	}
	return func(yield func(Input, error) bool) {
		defer stop()
		for ; ok; input, err, ok = next() {
			if !yield(input, err) {
				return
			}
		}
	}, nil
}

// Each is that of RewriteInputs. With --rotated no output may replace a sibling
// either.
func (in *Inputs) Each(env *Env) iter.Seq2[Input, error] {
	if !in.Rotated || len(env.outputs) == 0 {
		return in.RewriteInputs.Each(env)
	}
	return func(yield func(Input, error) bool) {
		for input, err := range in.RewriteInputs.Each(env) {
			if err == nil && !input.Stdin {
				// An error comes up again when the set is looked at.
				set, _ := stream.FindSet(input.Path, 0)
				for _, name := range slices.Concat(set.Files, set.Strange) {
					err = cmp.Or(err, env.Guard(name))
				}
			}
			if !yield(input, err) || err != nil {
				return
			}
		}
	}
}

// Each decides what to work on:
//
//   - explicit paths (arguments, --path, --files-from), in this order; "-" is
//     standard input;
//   - else the configured path (PAPYRA_PATH, or path in the settings file),
//     except that standard input wins when it is not a terminal and delivers at
//     least one byte, so that a pipeline works with a configured path too;
//   - else standard input, unless that is a terminal, closed or /dev/null;
//   - else a usage error.
//
// The names of --files-from are read as they are asked for, so that there may
// be any number of them. An error ends the sequence. An input that an output
// of this run would replace is an error.
//
// To see whether data comes, Each may read ahead: env.Stdin is replaced by a
// reader that gives the byte back.
func (in *RewriteInputs) Each(env *Env) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		if in.Null && in.FilesFrom == "" {
			yield(Input{}, Usagef("-0 requires --files-from"))
			return
		}
		if len(in.Args)+len(in.Path) == 0 && in.FilesFrom == "" {
			yield(env.implied())
			return
		}
		if len(env.outputs) > 0 { // nothing is touched before it is known
			for _, path := range slices.Concat(in.Args, in.Path) {
				if err := env.Guard(path); err != nil {
					yield(Input{}, err)
					return
				}
			}
		}
		stdinTaken := in.FilesFrom == "-"
		for path, err := range in.names(env) {
			switch {
			case err != nil:
			case path == "":
				err = Usagef("empty path")
			case path == "-" && stdinTaken:
				err = Usagef("standard input can be read only once")
			case path == "-":
				stdinTaken = true
				err = env.guardStdin()
			default:
				err = env.Guard(path)
			}
			if !yield(Input{Path: path, Stdin: path == "-"}, err) || err != nil {
				return
			}
		}
	}
}

// names are the explicit paths.
func (in *RewriteInputs) names(env *Env) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, path := range slices.Concat(in.Args, in.Path) {
			if !yield(path, nil) {
				return
			}
		}
		if in.FilesFrom == "" {
			return
		}
		none := len(in.Args)+len(in.Path) == 0
		for name, err := range listedNames(env, in.FilesFrom, in.Null) {
			none = false
			if !yield(name, err) {
				return
			}
		}
		if none {
			yield("", Failf(ExitFailed, "no names of logs in %s", in.FilesFrom))
		}
	}
}

// implied is the input where none is named.
func (e *Env) implied() (Input, error) {
	path, _, ok := e.Setting("path")
	switch {
	case ok && !e.stdinDelivers():
		if path == "-" {
			return Input{Path: path, Stdin: true}, nil
		}
		return Input{Path: path}, e.Guard(path)
	case !ok && e.stdinIsNothing():
		return Input{}, Usagef("no log given: name a PATH, pipe data in, or set PAPYRA_PATH")
	}
	return Input{Path: "-", Stdin: true, implied: true}, e.guardStdin()
}
