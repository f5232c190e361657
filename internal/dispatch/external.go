package dispatch

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/nearest"
)

// markEnv is set for a program that a command was handed on to: "PID:INDEX",
// the process that did it and where on the PATH it found the program. Another
// copy of this dispatcher goes on from there, so that two of them never hand a
// command to each other for ever.
const markEnv = "PAPYRA_HANDED_ON"

// isStepName reports whether users may call a step like this. It becomes part
// of a file name, so nothing that is a path gets through: letters, digits, -
// and _, and no - at the beginning.
func isStepName(name string) bool {
	ok, _ := regexp.MatchString(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`, name)
	return ok
}

// Intercept hands on what we do not have: `papyra persistence NAME` to
// papyra-NAME, `papyra NAME` to the next other papyra on the PATH. It only
// returns with handled false if the name is ours.
func (c *Command) Intercept(env *cli.Env, app *kong.Application, args []string) (handled bool, err error) {
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return false, nil
	}
	top := cli.Child(app.Node, args[0])
	if top == nil {
		return true, nextPapyra(env, app, args)
	}
	if top.Name != "persistence" || len(args) == 1 || args[1] == "" || args[1][0] == '-' || cli.Child(top, args[1]) != nil {
		return false, nil
	}
	return true, addedStep(env, top, args[1], args[2:])
}

func names(parent *kong.Node) []string {
	var out []string
	for _, child := range parent.Children {
		if !child.Hidden {
			out = append(append(out, child.Name), child.Aliases...)
		}
	}
	return out
}

// addedStep runs papyra-NAME from the PATH.
func addedStep(env *cli.Env, parent *kong.Node, name string, args []string) error {
	hint := nearest.DidYouMean(name, names(parent))
	if !isStepName(name) {
		return cli.Usagef("unknown step %q%s", name, hint)
	}
	program := "papyra-" + name
	path, err := exec.LookPath(program)
	switch {
	case errors.Is(err, exec.ErrDot):
		return cli.Usagef("unknown step %q: there is a %s in the working directory, which is not run from there", name, program)
	case err != nil:
		return cli.Usagef("unknown step %q, and no %s on the PATH%s", name, program, hint)
	}
	return run(env, path, append([]string{program}, args...), os.Environ())
}

// nextPapyra runs the next program on the PATH that is called papyra and is not
// this one: the Python tool.
func nextPapyra(env *cli.Env, app *kong.Application, args []string) error {
	var self os.FileInfo
	own, err := os.Executable()
	if err == nil {
		self, err = os.Stat(own)
	}
	if err != nil {
		return err
	}
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for i := startIndex(os.Getenv(markEnv)); i < len(dirs); i++ {
		if !filepath.IsAbs(dirs[i]) {
			continue // as in exec.LookPath: nothing is run from the working directory
		}
		path, err := exec.LookPath(filepath.Join(dirs[i], "papyra"))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err != nil || os.SameFile(info, self) {
			continue
		}
		mark := markEnv + "=" + strconv.Itoa(os.Getpid()) + ":" + strconv.Itoa(i)
		others := slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, markEnv+"=") })
		return run(env, path, append([]string{"papyra"}, args...), append(others, mark))
	}
	return cli.Usagef("unknown command %q, and no other papyra on the PATH%s", args[0], nearest.DidYouMean(args[0], names(app.Node)))
}

// startIndex is where on the PATH to look first. A mark counts only if it was
// set by the process that handed the command to us: a program that the Python
// tool starts inherits it too, and may use papyra again, from the beginning.
func startIndex(mark string) int {
	pid, index, ok := strings.Cut(mark, ":")
	p, err1 := strconv.Atoi(pid)
	i, err2 := strconv.Atoi(index)
	if !ok || err1 != nil || err2 != nil || i < 0 || p != handedOnBy() {
		return 0
	}
	return i + 1
}
