// Package cli holds what all papyra commands share: streams, the flags that
// they embed, exit codes, settings, colour and progress.
//
// A command is a struct with kong tags and a method
//
//	func (c *Command) Run(env *cli.Env) error
//
// The same struct is the root of its own binary and a child of the dispatcher.
// Its package says so once, in a Step, and a main is one line:
//
//	os.Exit(scan.Step.Main())
//
// Nothing in this package, and nothing in a command, touches os.Stdin,
// os.Stdout, os.Stderr, the clock or the environment other than through Env, so
// a test can run a whole command without a process of its own (see Run).
//
// Settings. A flag with the tag setting:"some_key" takes its value, when it is
// not given, from the environment variable PAPYRA_SOME_KEY, or else from the
// key some_key of papyra.json. The keys are listed in one table (settings.go).
//
// Words. A string flag with an enum tag is matched without regard to case; a
// mistyped word gets a suggestion.
package cli
