// Package profile is papyra profile: it lists, shows and checks what the tools
// know of the logs of other programs, and tells what a log is.
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/presets"
	"github.com/papyra-tools/papyra/internal/profiles"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// Step is papyra profile.
var Step = cli.Step{
	Words:       "profile",
	Description: "Say what the records of a log look like: list, show, check and detect profiles.",
	New:         func() any { return &Command{} },
}

// Command is papyra profile.
type Command struct {
	List   List   `cmd:"" help:"List the profiles that the tools know."`
	Show   Show   `cmd:"" help:"Show the file of a profile, to start one's own from."`
	Check  Check  `cmd:"" help:"Check a profile of one's own, and the lines of a log against it."`
	Detect Detect `cmd:"" help:"Tell which profile fits a log, and on what evidence."`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra profile list
  papyra profile detect app.log
  papyra profile show pino > mine.json
  papyra profile check mine.json app.log`
}

// List lists the presets.
type List struct {
	JSON bool `name:"json" help:"Print one JSON object." group:"output"`
}

// Help is shown below the flags.
func (*List) Help() string {
	return `Examples:
  papyra profile list
  papyra profile list --json | jq -r '.profiles[].name'`
}

type row struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Kind   string `json:"kind,omitempty"`
	Time   string `json:"time,omitempty"`
	Format string `json:"format,omitempty"`
}

func rowOf(p *record.Profile) row {
	r := row{Name: p.Name, About: p.About, Kind: string(p.Kind.Field), Time: string(p.Time.Field)}
	if p.HasTime() {
		r.Format = p.Time.Format.String()
	}
	return r
}

// Run lists the presets.
func (c *List) Run(env *cli.Env) error {
	all, err := profiles.All()
	if err != nil {
		return err
	}
	rows := make([]row, len(all))
	for i, p := range all {
		rows[i] = rowOf(p)
	}
	if c.JSON {
		return report.WriteObject(env.Stdout, struct {
			report.Head
			Profiles []row `json:"profiles"`
		}{report.NewHead(env.Prog, cli.Version()), rows})
	}
	var table [][]string
	for _, r := range rows {
		when := r.Time
		if r.Format != "" {
			when += " (" + r.Format + ")"
		}
		table = append(table, []string{r.Name, cmp.Or(r.Kind, "-"), cmp.Or(when, "-"), r.About})
	}
	_, err = fmt.Fprintln(env.Stdout, strings.Join(safetext.Fit("llll", []string{"PROFILE", "KIND", "TIME", "LOGS"}, table, env.TableWidth()), "\n"))
	return err
}

// Show shows a preset's file.
type Show struct {
	Name string `arg:"" help:"Name of a profile that the tools know."`
}

// Help is shown below the flags.
func (*Show) Help() string {
	return `Examples:
  papyra profile show pino
  papyra profile show docker > mine.json`
}

// Run shows a preset's file.
func (c *Show) Run(env *cli.Env) error {
	data, err := presets.File(c.Name)
	if err != nil {
		return cli.Usagef("%w", err)
	}
	_, err = env.Stdout.Write(data)
	return err
}

// Detect tells which profile fits a log.
type Detect struct {
	cli.RewriteInputs
	JSON bool `name:"json" help:"Print one JSON object." group:"output"`
}

// Help is shown below the flags.
func (*Detect) Help() string {
	return `Examples:
  papyra profile detect app.log
  journalctl -o json -n 1000 | papyra profile detect
  papyra profile detect --json *.log | jq -r '.logs[] | [.path, .profile] | @tsv'`
}

type detected struct {
	Path    string `json:"path"`
	Profile string `json:"profile"`
	Lines   int    `json:"lines"`
	Fits    []fit  `json:"fits"`
}

type fit struct {
	Profile string `json:"profile"`
	Lines   int    `json:"lines"`
}

// Run tells which profile fits each log.
func (c *Detect) Run(env *cli.Env) error {
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	var failed []error
	found := []detected{}
	for _, in := range inputs {
		d, err := cli.DetectProfile(env, in)
		if errors.Is(err, fs.ErrNotExist) {
			if err = c.Absent(in.Path); err == nil {
				continue
			}
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if !c.JSON {
			if _, err := fmt.Fprintf(env.Stdout, "%s: %s\n", safetext.String(in.Path), d); err != nil {
				return err
			}
			continue
		}
		one := detected{Path: in.Path, Profile: "any", Lines: d.Lines, Fits: []fit{}}
		if d.Profile != nil {
			one.Profile = d.Profile.Name
		}
		for _, f := range d.Fits {
			if f.Lines > 0 {
				one.Fits = append(one.Fits, fit{f.Profile.Name, f.Lines})
			}
		}
		found = append(found, one)
	}
	if c.JSON {
		err = report.WriteObject(env.Stdout, struct {
			report.Head
			Logs []detected `json:"logs"`
		}{report.NewHead(env.Prog, cli.Version()), found})
	}
	return errors.Join(append(failed, err)...)
}

// Check checks a profile's file.
type Check struct {
	File string `arg:"" help:"File of the profile."`
	Log  string `arg:"" optional:"" help:"Log to try it on; - is standard input."`
}

// Help is shown below the flags.
func (*Check) Help() string {
	return `Examples:
  papyra profile check mine.json
  papyra profile check mine.json app.log`
}

// Run checks a profile's file, and tries it on a log.
func (c *Check) Run(env *cli.Env) error {
	p, err := cli.LoadProfile(c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s: the profile %s is valid\n", safetext.String(c.File), p.Name)
	if c.Log == "" {
		return nil
	}
	d, err := cli.DetectProfile(env, cli.Input{Path: c.Log, Stdin: c.Log == "-"}, p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: %s\n", safetext.String(c.Log), d)
	return err
}
