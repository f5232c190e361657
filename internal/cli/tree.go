package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/spool"
)

// TreeInputs is Inputs for commands that take folders too.
type TreeInputs struct {
	Inputs
	Recursive bool     `short:"r" help:"Take folders too: all logs in them, at any depth, whose names end in .ndjson, .jsonl, .ldjson or .json.log, or these with .gz or .zst behind. Symbolic links in them are passed over." group:"input"`
	Glob      []string `sep:"none" placeholder:"PATTERN" help:"With -r, take files whose name matches too, such as *.log; with a slash in it, the path below the folder (repeatable)." group:"input"`
}

// AfterApply refuses what cannot be combined. kong calls it.
func (in *TreeInputs) AfterApply() error {
	if len(in.Glob) > 0 && !in.Recursive {
		return Usagef("--glob requires --recursive")
	}
	if in.Recursive && in.Rotated {
		return Usagef("--recursive cannot be combined with --rotated")
	}
	for _, glob := range in.Glob {
		if _, err := path.Match(glob, ""); err != nil {
			return Usagef("--glob %s: %w", glob, err)
		}
	}
	return nil
}

// Each is that of Inputs. With --recursive the logs in a folder come in its
// place, in the order of their names; that there is none at all is an error. A
// folder that can't be read yields an input that can't be opened.
func (in *TreeInputs) Each(env *Env) iter.Seq2[Input, error] {
	if !in.Recursive {
		return in.Inputs.Each(env)
	}
	return func(yield func(Input, error) bool) {
		none := true
		for input, err := range in.Inputs.Each(env) {
			if err == nil && input.Stdin && input.implied {
				err = Usagef("--recursive requires the name of a folder")
			}
			if info, serr := os.Stat(input.Path); err != nil || input.Stdin || serr != nil || !info.IsDir() {
				none = false
				if !yield(input, err) || err != nil {
					return
				}
				continue
			}
			t := &tree{env: env, dir: input.Path, globs: in.Glob, yield: func(input Input) bool {
				none = false
				err := env.Guard(input.Path)
				return yield(input, err) && err == nil
			}}
			if !t.walk("") {
				return
			}
		}
		if none {
			yield(Input{}, Failf(ExitFailed, "there is no log in %s", strings.Join(slices.Concat(in.Args, in.Path), ", ")))
		}
	}
}

// logNames are how the names of logs end.
var logNames = []string{".ndjson", ".jsonl", ".ldjson", ".json.log"}

// tree walks a folder. It goes where no symbolic link leads, whoever plants one
// meanwhile, and holds the names of one folder of each depth in bounded memory.
type tree struct {
	env   *Env
	dir   string
	globs []string
	yield func(Input) bool
}

// matches reports whether a file is taken, by its path below the folder.
func (t *tree) matches(rel string) bool {
	name := path.Base(rel)
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	for _, end := range logNames {
		if strings.HasSuffix(plain, end) {
			return true
		}
	}
	return slices.ContainsFunc(t.globs, func(glob string) bool {
		whole := name
		if strings.Contains(glob, "/") {
			whole = rel
		}
		ok, _ := path.Match(glob, whole)
		return ok
	})
}

// walk yields what is in a folder below the one that was named, and reports
// whether to go on.
func (t *tree) walk(rel string) bool {
	names := &spool.Sorter{What: "the names in a folder"}
	defer names.Close()
	err := t.list(rel, names)
	if errors.Is(err, fs.ErrNotExist) && rel != "" {
		return true // removed meanwhile
	}
	for entry, serr := range names.Sorted {
		if err = cmp.Or(err, serr, t.env.Ctx.Err()); err != nil {
			break
		}
		name, isDir := bytes.CutSuffix(entry, []byte("\x00/"))
		below := path.Join(rel, string(name))
		if isDir && !t.walk(below) || !isDir && !t.yield(t.input(below, nil)) {
			return false
		}
	}
	return err == nil || t.yield(t.input(rel, err))
}

// input is a file below the folder.
func (t *tree) input(rel string, err error) Input {
	return Input{Path: filepath.Join(t.dir, filepath.FromSlash(rel)), folder: t.dir, below: rel, err: err}
}

// list puts the names of the logs and folders in a folder into names; those of
// folders end in "\x00/", which no name does.
func (t *tree) list(rel string, names *spool.Sorter) error {
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return fmt.Errorf("list folder: %w", err)
	}
	defer root.Close()
	if info, err := root.Lstat(cmp.Or(rel, ".")); err != nil || !info.IsDir() {
		return cmp.Or(err, fs.ErrNotExist) // a link by now, of which there was none
	}
	dir, err := root.Open(cmp.Or(rel, "."))
	if err != nil {
		return fmt.Errorf("list folder: %w", err)
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1024)
		for _, e := range entries {
			mode := e.Type()
			name := e.Name()
			switch {
			case mode.IsDir():
				name += "\x00/"
			case !mode.IsRegular() || !t.matches(path.Join(rel, name)):
				continue
			}
			if err := names.Add([]byte(name)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err = cmp.Or(err, t.env.Ctx.Err()); err != nil {
			return fmt.Errorf("list folder: %w", err)
		}
	}
}
