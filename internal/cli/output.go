package cli

// Output is how a command shows what it found. Embed it.
type Output struct {
	Format     string `enum:"text,json,ndjson" default:"text" placeholder:"FORMAT" help:"Show the report as ${enum}." group:"output"`
	JSON       bool   `name:"json" help:"Short for --format json." group:"output"`
	Quiet      bool   `short:"q" help:"Print only data and errors; the exit code tells the rest." group:"output"`
	Color      string `enum:"auto,always,never" default:"auto" setting:"color" placeholder:"WHEN" help:"Use colour: ${enum}." group:"output"`
	NoProgress bool   `setting:"no_progress" help:"Never show a progress bar." group:"output"`
}

// AfterApply makes Format the one field to look at. kong calls it.
func (o *Output) AfterApply() error {
	if o.JSON {
		o.Format = "json"
	}
	return nil
}
