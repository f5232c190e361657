package cli

import (
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// maxArgs is how many arguments kong gets to see. It copies all that is left
// for each that it takes, so that thousands would cost seconds and gigabytes.
// Paths, of which there may be any number, are lifted out before.
const maxArgs = 2000

// lifted are the paths of a command line: the arguments, and the values of
// --path.
type lifted struct {
	args, flags   []string
	intoArg, into *kong.Value
}

// lift takes the paths out of the arguments; the rest is for kong, in its
// order. It takes only what kong would read in the same way, and leaves every
// mistake to kong's error.
func lift(node *kong.Node, args []string) (*lifted, []string) {
	l := &lifted{}
	flags := l.enter(node)
	rest := make([]string, 0, min(len(args), maxArgs))
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, value, joined := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		switch {
		case arg == "--" && l.intoArg != nil:
			l.args = append(l.args, args[i+1:]...)
			return l, rest
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			if l.intoArg != nil {
				l.args = append(l.args, arg)
				continue
			}
			rest = append(rest, arg)
			child := Child(node, arg)
			if child == nil {
				return l, append(rest, args[i+1:]...)
			}
			node = child
			flags = l.enter(node)
		case !strings.HasPrefix(arg, "--"):
			rest = append(rest, arg)
			if shortTakesNext(flags, arg) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		case l.into != nil && name == l.into.Name && joined:
			l.flags = append(l.flags, value)
		case l.into != nil && name == l.into.Name && i+1 < len(args) && (args[i+1] == "-" || !strings.HasPrefix(args[i+1], "-")):
			i++
			l.flags = append(l.flags, args[i])
		default:
			rest = append(rest, arg)
			if f := flags["--"+name]; f != nil && !joined && takesValue(f) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		}
	}
	return l, rest
}

// enter looks for what takes paths in a node, and returns its flags by the
// names with their hyphens.
func (l *lifted) enter(node *kong.Node) map[string]*kong.Flag {
	flags := map[string]*kong.Flag{}
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			flags["--"+f.Name] = f
			if f.Short != 0 {
				flags["-"+string(f.Short)] = f
			}
		}
	}
	if len(node.Positional) == 1 && node.Positional[0].Target.Type() == reflect.TypeFor[[]string]() {
		l.intoArg = node.Positional[0]
		if f := flags["--path"]; f != nil {
			l.into = f.Value
		}
	}
	return flags
}

// Child returns the subcommand with this name or alias, nil if there is none.
func Child(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

// shortTakesNext reports whether the last of the letters after a hyphen takes
// the next argument as its value.
func shortTakesNext(flags map[string]*kong.Flag, arg string) bool {
	for i, letter := range arg[1:] {
		f := flags["-"+string(letter)]
		if f == nil {
			return false
		}
		if takesValue(f) {
			return i+2 == len(arg)
		}
	}
	return false
}

// put hands the paths to the command, once kong has parsed the rest.
func (l *lifted) put() {
	if len(l.args) > 0 {
		l.intoArg.Target.Set(reflect.ValueOf(l.args))
	}
	if len(l.flags) > 0 {
		l.into.Target.Set(reflect.ValueOf(l.flags))
	}
}
