// Package shards is papyra shards: it prints the ranges into which logs can be
// divided, for any scheduler to hand out.
package shards

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Step is papyra shards.
var Step = cli.Step{
	Words:       "shards",
	Description: "Print ranges into which logs can be divided, for scan --range and filter --range.",
	New:         func() any { return &Command{} },
}

// Command is papyra shards.
type Command struct {
	cli.RewriteInputs
	Size  cli.Size `default:"256MiB" placeholder:"SIZE" help:"How many bytes a range has." group:"output"`
	Print bool     `name:"print0" help:"End ranges and names with a NUL byte each, for xargs -0 -n 2." group:"output"`
}

// Vars are the defaults of what is embedded.
func (*Command) Vars() map[string]string { return map[string]string{"missing": "fail"} }

// Help is shown below the flags.
func (*Command) Help() string {
	return `A line is printed for each range: A:B, a tab, and the name of the log; the last range of a log is open. Lines
belong to the range in which they start, wherever it is cut. A compressed log is one range.

Examples:
  papyra shards big.ndjson | parallel --colsep '\t' papyra-scan --json --range {1} {2} | papyra-scan --merge -
  papyra shards --print0 *.ndjson | xargs -0 -n 2 -P 8 sh -c 'papyra-scan --report "json=out/$$.json" --quiet --range "$0" "$1"'
  papyra shards --size 1GiB big.ndjson | sed -n "$((JOB_COMPLETION_INDEX + 1))p"`
}

// Run prints the ranges of all logs.
func (c *Command) Run(env *cli.Env) error {
	if c.Size <= 0 {
		return cli.Usagef("--size must be at least 1 byte")
	}
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(env.Stdout)
	for _, in := range inputs {
		if err := c.print(env, out, in); err != nil {
			return errors.Join(err, out.Flush())
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func (c *Command) print(env *cli.Env, out *bufio.Writer, in cli.Input) error {
	format := "%s\t%s\n"
	if c.Print {
		format = "%s\x00%s\x00"
	} else if strings.ContainsAny(in.Path, "\t\n") {
		return fmt.Errorf("%q has a tab or a newline in its name: it requires --print0", in.Path)
	}
	if in.Stdin {
		return cli.Usagef("standard input cannot be divided: name a file")
	}
	log, err := stream.Open(env.Ctx, in.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return c.Absent(in.Path)
	}
	if err != nil {
		return err
	}
	defer log.Close()
	if log.Size() < 0 {
		return fmt.Errorf("%s: %w", in.Path, stream.ErrNoParts)
	}
	step := int64(c.Size)
	if !log.Seekable() {
		step = log.Size()
	}
	for from := int64(0); ; from += step {
		if step == 0 || from >= log.Size()-step {
			fmt.Fprintf(out, format, fmt.Sprintf("%d:", from), in.Path)
			return nil
		}
		fmt.Fprintf(out, format, fmt.Sprintf("%d:%d", from, from+step), in.Path)
	}
}
