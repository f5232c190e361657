package cli

// Reporting is in which form a command shows what it found or did. Embed it, or
// what holds it.
type Reporting struct {
	Format    string `enum:"text,json,ndjson" default:"text" placeholder:"FORMAT" help:"Show the report as ${enum}." group:"output"`
	JSON      bool   `name:"json" help:"Short for --format json." group:"output"`
	Quietness int    `name:"quiet" short:"q" type:"counter" help:"Print only data, and on standard error a line on each log that needs a person, where the exit code is not 0; -qq for no such line either." group:"output"`

	Quiet bool `kong:"-"` // whether --quiet was given
}

// Output is Reporting for commands that show how far they are.
type Output struct {
	Reporting
	NoProgress bool `setting:"no_progress" help:"Never show a progress bar." group:"output"`
}

// Coloring is whether a command uses colour. Embed it.
type Coloring struct {
	Color string `enum:"auto,always,never" default:"auto" setting:"color" placeholder:"WHEN" help:"Use colour: ${enum}." group:"output"`
}

// AfterApply makes Format and Quiet the fields to look at, and env silent with
// -qq. kong calls it.
func (o *Reporting) AfterApply(env *Env) error {
	o.Quiet, env.silent = o.Quietness > 0, o.Quietness > 1
	if o.JSON {
		o.Format = "json"
	}
	return nil
}

func (o *Reporting) quiet() bool { return o.Quiet }
