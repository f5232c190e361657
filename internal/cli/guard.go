package cli

import (
	"os"
	"path/filepath"
	"reflect"

	"github.com/alecthomas/kong"
)

// output is a file that this run will write, by the flag that names it.
type output struct {
	flag, file string
	replaced   bool // once the input has ended; else it is written to before
}

// outputFiles are what the flags with the tag file:"write" or file:"replace"
// name. A type other than string that holds names tells them with a method
// Files.
func outputFiles(ctx *kong.Context) []output {
	var out []output
	for _, f := range ctx.Flags() {
		use := f.Tag.Get("file")
		if use != "write" && use != "replace" {
			continue
		}
		names := []string{}
		if l, ok := f.Target.Interface().(interface{ Files() []string }); ok {
			names = l.Files()
		} else if f.Target.Kind() == reflect.String {
			names = append(names, f.Target.String())
		}
		for _, name := range names {
			if name != "" {
				out = append(out, output{"--" + f.Name, name, use == "replace"})
			}
		}
	}
	return out
}

// Writes says that this run will write a file that a setting names.
func (e *Env) Writes(setting, file string) {
	e.outputs = append(e.outputs, output{setting, file, false})
}

// Guard is a usage error if an output of this run would replace, or be added
// to, the input at path, by whatever name: what a repair drops would be put
// back, and a report would take the place of its evidence. Steps that take
// their inputs from Each need not ask.
func (e *Env) Guard(path string) error {
	for _, o := range e.outputs {
		if sameFile(o.file, path) {
			return Usagef("%s %s is the input %s", o.flag, o.file, path)
		}
	}
	return nil
}

// guardStdin is Guard for standard input, which may be a file.
func (e *Env) guardStdin() error {
	if e.StdinFile == nil {
		return nil
	}
	in, err := e.StdinFile.Stat()
	if err != nil || !in.Mode().IsRegular() {
		return nil
	}
	for _, o := range e.outputs {
		if info, err := os.Stat(o.file); err == nil && os.SameFile(info, in) {
			if o.replaced {
				return Usagef("%s %s is the standard input, which may grow meanwhile: %s %s replaces it, and keeps what is appended", o.flag, o.file, e.Prog, o.file)
			}
			return Usagef("%s %s is the standard input", o.flag, o.file)
		}
	}
	return nil
}

// checkOutputs refuses two outputs that would be one file.
func (e *Env) checkOutputs() error {
	for i, o := range e.outputs {
		for _, other := range e.outputs[:i] {
			if sameFile(o.file, other.file) {
				return Usagef("%s %s and %s %s are one file", other.flag, other.file, o.flag, o.file)
			}
		}
	}
	return nil
}

// sameFile reports whether two names lead to one file, or would if it existed.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return os.SameFile(x, y)
	}
	return resolved(a) == resolved(b)
}

// resolved is the name of what may not exist yet, in the directory as it is.
func resolved(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return abs
	}
	return filepath.Join(dir, filepath.Base(abs))
}
