// Package textfile is --textfile of every step that has one: where its runs are
// told to the collector of a monitoring system.
package textfile

import (
	"context"
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/internal/report"
)

// Flag is --textfile. Embed it.
type Flag struct {
	Textfile string `setting:"textfile" file:"write" placeholder:"FILE" help:"Write the result for Prometheus, atomically, mode 0644; what other steps wrote there stays." group:"output"`

	end func() // ends the turn at the file, once there is one
}

// Run returns what is told of this run, as the run of a step of that name.
func (f *Flag) Run(env *cli.Env, step string) *report.Run {
	return &report.Run{Head: report.NewHead(env.Prog, cli.Version()), Step: step, Now: env.Now, Previous: func() *report.Textfile { return f.previous(env.Ctx) }}
}

// Change is what became of a log on which a step ended with err.
func Change(path string, err error) report.Change {
	skipped := cli.CodeOf(err) == cli.ExitLocked
	return report.Change{Path: path, Failed: err != nil && !skipped, Skipped: skipped}
}

// previous is what the file holds, which no other run replaces before
// [Flag.Done]. What can't be read as a textfile is replaced like none.
func (f *Flag) previous(ctx context.Context) *report.Textfile {
	f.Done()
	f.end = durable.Turn(ctx, f.Textfile)
	file, _, err := opening.Regular(f.Textfile)
	if err != nil {
		return nil
	}
	defer file.Close()
	t, _ := report.ParseTextfile(file)
	return t
}

// Done lets other runs have the file. Whoever does not call Tell calls it once
// the file was replaced.
func (f *Flag) Done() {
	if f.end != nil {
		f.end()
		f.end = nil
	}
}

// Tell writes the file, if there is to be one.
func (f *Flag) Tell(r *report.Run) error {
	if f.Textfile == "" {
		return nil
	}
	defer f.Done()
	if err := durable.Publish(f.Textfile, report.CollectorPerm, r.Write); err != nil {
		return fmt.Errorf("write textfile: %w", err)
	}
	return nil
}
