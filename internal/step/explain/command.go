// Package explain is papyra explain: it shows one line of a log, what is wrong
// with it, and what a repair would make of it. It changes nothing.
package explain

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Step is papyra explain.
var Step = cli.Step{
	Words:       "explain",
	Description: "Show one line of a log: what is wrong with it, and what a repair would make of it.",
	New:         func() any { return &Command{} },
}

// Command is papyra explain.
type Command struct {
	Args []string `arg:"" optional:"" name:"place" file:"log" help:"Log and line, as LOG:LINE, or LOG@OFFSET; LOG alone means its first line with a fault; - is standard input."`
	cli.Output
	cli.Coloring
	cli.Checking
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Lines count from 1, bytes from 0, as in the reports of papyra scan; those of a compressed log are its text's.
The last colon counts, and a log that has the whole name wins. A file of a rotated set is named by itself;
a line of standard input as in papyra explain -- -:12.

Examples:
  papyra explain events.ndjson:120
  papyra explain events.ndjson@48213
  papyra explain events.ndjson.2.gz
  papyra explain --profile pino app.log:7 --json | jq .repair

Exit codes: 0 shown, 1 failed, as where there is no such line.`
}

// place is a line of a log. If both are -1, the first line with a fault is
// meant.
type place struct{ line, offset int64 }

// parse reads LOG, LOG:LINE or LOG@OFFSET.
func parse(text string) (string, place, error) {
	nowhere := place{-1, -1}
	if _, err := os.Lstat(text); err == nil || text == "-" {
		return text, nowhere, nil
	}
	i := strings.LastIndexAny(text, ":@")
	if i <= 0 {
		return text, nowhere, nil
	}
	n, err := strconv.ParseInt(text[i+1:], 10, 64)
	switch {
	case text[i] == ':' && (err != nil || n < 1):
		return "", nowhere, cli.Usagef("%q is not a line number: want a number from 1 on after the last colon", text[i+1:])
	case err != nil || n < 0:
		return "", nowhere, cli.Usagef("%q is not an offset: want a number of bytes after the last @", text[i+1:])
	case text[i] == ':':
		return text[:i], place{n, -1}, nil
	}
	return text[:i], place{-1, n}, nil
}

// Run shows the line.
func (c *Command) Run(env *cli.Env) error {
	if len(c.Args) != 1 {
		return cli.Usagef("explain requires one place: LOG:LINE or LOG@OFFSET")
	}
	path, at, err := parse(c.Args[0])
	if err != nil {
		return err
	}
	in := cli.Input{Path: path, Stdin: path == "-"}
	if err := c.Decide(env, in, c.Quiet); err != nil {
		return err
	}
	var log *stream.Log
	if in.Stdin {
		log, err = stream.FromReader("standard input", env.Stdin)
	} else {
		log, err = stream.Open(env.Ctx, path)
	}
	if err != nil {
		return err
	}
	defer log.Close()
	l := &look{at: at, o: mend.Options{Checker: c.Checker(env.Now), Settle: time.Duration(c.Settle)}, skew: time.Duration(c.MaxSkew).Seconds()}
	l.o.Visitors = []stream.Visitor{l}
	l.o.OnChange = l.change
	bar := env.Progress(&c.Output, path, log.Size())
	l.o.Progress = bar.Add
	sum, err := mend.Into(env.Ctx, log, mend.NewSink(io.Discard), l.o)
	bar.Close()
	if err != nil {
		return err
	}
	if err := l.found(path, &sum); err != nil {
		return err
	}
	return c.show(env, path, l)
}

// found fails if there is no such line.
func (l *look) found(path string, sum *mend.Summary) error {
	t := sum.InFlight
	switch {
	case l.line != nil:
		return nil
	case t != nil && (l.at.line == l.lines+1 || l.at.offset >= t.Offset && l.at.offset < t.Offset+t.Length):
		return fmt.Errorf("%s: that line (byte %d) is being written right now", path, t.Offset)
	case l.at.line > 0:
		return fmt.Errorf("%s has %d lines, none with the number %d", path, l.lines, l.at.line)
	case l.at.offset >= 0:
		return fmt.Errorf("%s has %d bytes, none at offset %d", path, l.bytes, l.at.offset)
	}
	return errors.New(path + " has no line with a fault")
}
