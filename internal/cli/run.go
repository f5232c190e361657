package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// Interceptor may be implemented by a command that wants to see the arguments
// before they are parsed, as the dispatcher does for names that are not in its
// model. If it did not handle them, parsing goes on.
type Interceptor interface {
	Intercept(env *Env, model *kong.Application, args []string) (handled bool, err error)
}

// Router may be implemented by a command with many subcommands. It returns the
// arguments as they are meant, with help for what says nothing, and, if they
// begin with the words of a step, how many words these are and the step, which
// is then parsed alone: building the flags of all the others takes longer than
// most of the work that is done.
type Router interface {
	Route(args []string) (meant []string, words int, step *Step)
}

// globals are the flags of every binary.
type globals struct {
	Config  string           `file:"read" placeholder:"FILE" help:"Read settings from this file instead of looking for papyra.json; none for no file."`
	Version kong.VersionFlag `help:"Show the version."`
}

// Main runs a command as the process: streams, clock and environment are the
// real ones, SIGINT and SIGTERM end env.Ctx. It returns the exit code for
// os.Exit.
func Main(name, description string, command any) int {
	boundMemory()
	env := OSEnv(name)
	ctx, stop := withSignals(env)
	defer stop()
	env.Ctx = ctx
	return Run(env, name, description, command, os.Args[1:])
}

// memoryLimit is what the collector keeps the process below as long as what is
// in use allows it: with the program's own text the process then stays under 64
// MiB.
const memoryLimit = 40 << 20

// boundMemory has the collector work harder near the limit instead of letting
// garbage pile up. An operator's GOMEMLIMIT wins.
func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// Run parses the arguments and runs the command in env. It never ends the
// process: the exit code is returned, and what goes wrong is said on
// env.Stderr.
func Run(env *Env, name, description string, command any, args []string) (code int) {
	if env.Ctx == nil {
		env.Ctx = context.Background()
	}
	if r, ok := command.(Router); ok {
		var words int
		var step *Step
		if args, words, step = r.Route(args); step != nil {
			return Run(env, strings.Join(append([]string{name}, args[:words]...), " "), step.Description, step.New(), args[words:])
		}
	}
	words := strings.Fields(name)
	env.Prog, env.command = words[0], words[1:]
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			// Go's own exit code for a panic is 2, which would be read as
			// "anomalies found".
			fmt.Fprintf(env.Stderr, "%s: internal error: %s\n%s", env.Prog, safetext.String(fmt.Sprint(r)), debug.Stack())
			code = ExitFailed
		}
	}()
	parser, err := NewParser(env, name, description, command)
	if err != nil {
		return env.finish(fmt.Errorf("build the command line: %w", err))
	}
	if in, ok := command.(Interceptor); ok {
		if handled, err := in.Intercept(env, parser.Model, args); handled || err != nil {
			return env.finish(err)
		}
	}
	kctx, err := Parse(parser, args)
	if err != nil {
		var pe *kong.ParseError
		if errors.As(err, &pe) && pe.Context != nil {
			env.command = append(env.command, commandPath(pe.Context)...)
		}
		return env.finish(usage(err))
	}
	env.command = append(env.command, commandPath(kctx)...)
	if env.silent { // not before: wrong usage is always said
		env.Stderr = io.Discard
	}
	env.outputs, env.given = outputFiles(kctx), givenSettings(kctx)
	if err := env.checkOutputs(); err != nil {
		return env.finish(err)
	}
	return env.finish(kctx.Run())
}

// MissingDefault is the default of --missing for a command of that name. The
// forms that stand in for the Python tool accept a log that does not exist, as
// that does; the filters fail, as every Unix tool.
func MissingDefault(name string) string {
	if words := strings.Fields(name); len(words) > 1 && (words[1] == "persistence" || words[1] == "doctor") {
		return "ok"
	}
	return "fail"
}

// exited is what kong's Exit is turned into: it must not return, or --help goes
// on to run the command.
type exited int

// NewParser is the kong parser of a command, for Run and for what is generated
// from the flags (man pages, completions). A command may have a method Vars:
// its tags can then say ${name}.
func NewParser(env *Env, name, description string, command any) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name(name),
		kong.Description(description),
		kong.Vars{"version": VersionText(strings.Fields(name)[0]), "missing": MissingDefault(name)},
		kong.Embed(&globals{}),
		kong.Bind(env),
		kong.Writers(env.Stdout, env.Stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100, FlagsLast: true, Compact: true}),
		kong.ValueFormatter(helpValue),
		kong.ExplicitGroups(helpGroups),
		kong.PostBuild(sortFlags),
		kong.PostBuild(rawValues),
		kong.Help(printHelp),
	}
	if v, ok := command.(interface{ Vars() map[string]string }); ok {
		options = append(options, kong.Vars(v.Vars()))
	}
	options = append(options, env.settings.options(env)...)
	return kong.New(command, options...)
}

// Parse parses the arguments. Paths do not go through kong; see lift.
func Parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	paths, rest := lift(parser.Model.Node, args)
	if len(rest) > maxArgs {
		return nil, Usagef("%d flags and values, at most %d: name many logs as arguments or with --files-from", len(rest), maxArgs)
	}
	kctx, err := parser.Parse(rest)
	if err != nil {
		return nil, err
	}
	paths.put()
	return kctx, nil
}

// usage turns an error of parsing into one with ExitUsage, unless it has a code
// of its own.
func usage(err error) error {
	code := ExitUsage
	var e *ExitError
	if errors.As(err, &e) {
		code = e.Code // kong wraps it in an error with a code of kong's own
	}
	return &ExitError{Code: code, Err: err}
}

// commandPath is the names of the subcommands that were selected.
func commandPath(ctx *kong.Context) []string {
	var names []string
	for _, p := range ctx.Path {
		if p.Command != nil {
			names = append(names, p.Command.Name)
		}
	}
	return names
}

// Command is how the command was called: papyra-scan, or papyra persistence
// scan.
func (e *Env) Command() string { return strings.Join(append([]string{e.Prog}, e.command...), " ") }

// finish says what went wrong and returns the exit code.
func (e *Env) finish(err error) int {
	// A command that was asked to stop may have left things undone, whatever it
	// returns.
	if sig := stopSignal(e.Ctx); sig != nil {
		fmt.Fprintf(e.Stderr, "%s: %s\n", e.Prog, sig.Error())
		return sig.code
	}
	if err == nil {
		return ExitOK
	}
	code := CodeOf(err)
	for _, err := range said(err) {
		fmt.Fprintf(e.Stderr, "%s: error: %s\n", e.Prog, safetext.String(Hint(err).Error()))
		var at interface {
			Excerpt(width int) (line, caret string)
		}
		if errors.As(err, &at) {
			line, caret := at.Excerpt(e.Width() - 2)
			fmt.Fprintf(e.Stderr, "  %s\n  %s\n", line, caret)
		}
	}
	if code == ExitUsage {
		fmt.Fprintf(e.Stderr, "Try '%s --help'.\n", e.Command())
	}
	return code
}

// said are the errors that were joined, each of which is said by itself. An
// exit code without an error says nothing.
func said(err error) (out []error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		for _, e := range joined.Unwrap() {
			out = append(out, said(e)...)
		}
		return out
	}
	var exit *ExitError
	if errors.As(err, &exit) && exit.Err == nil {
		return nil
	}
	return []error{err}
}
