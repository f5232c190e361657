package readers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/follow"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// view is which records a command shows, and how.
type view struct {
	own    bool // Papyra's records only
	fields selection.Fields
	none   string // what is said if there is none
	// form returns what appends a record's text, newlines included, to a
	// buffer.
	form func(zone *time.Location) func(dst, line []byte) []byte
	zone *time.Location // where times are told in; nil is Unix seconds
	which
	each bool // say none for every log, and name the log if there are several
}

// list shows the records of all logs that were named, each log by itself.
func (a *args) list(env *cli.Env, v view) error {
	inputs, err := cli.List(a.Each(env))
	if err != nil {
		return err
	}
	if v.Follow && (len(inputs) != 1 || inputs[0].Stdin || a.Rotated || v.Reverse || v.Limit != nil || a.Limited()) {
		return cli.Usagef("--follow requires the name of one log, and cannot be combined with --rotated, --reverse, --limit and retention")
	}
	var shown int64
	var failed []error
	for _, in := range inputs {
		if v.each && len(inputs) > 1 && a.text() {
			fmt.Fprintf(env.Stdout, "%s:\n", safetext.String(in.Path))
		}
		n, err := a.show(env, in, v)
		shown += n
		if err != nil {
			if env.Ctx.Err() != nil {
				return err
			}
			failed = append(failed, err)
			continue // the other logs can be read all the same
		}
		if n == 0 && v.each {
			if err := a.say(env, v.none); err != nil {
				return err
			}
		}
	}
	if len(failed) > 0 {
		// Nothing is said of there being no records: nobody knows.
		return errors.Join(failed...)
	}
	if shown == 0 && !v.each && !v.Follow {
		return a.say(env, v.none)
	}
	return nil
}

// text reports whether people are to read the output.
func (a *args) text() bool { return a.Format == "text" }

func (a *args) say(env *cli.Env, what string) error {
	if !a.text() || a.Quiet {
		return nil
	}
	_, err := fmt.Fprintln(env.Stdout, what)
	return err
}

// show prints the records of one log and returns how many there were.
func (a *args) show(env *cli.Env, in cli.Input, v view) (int64, error) {
	if err := a.Decide(env, in, a.Quiet); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	p, since := a.Record(), cli.Flag{Name: "--since", Set: a.Since.IsSet()}
	if v.own && p != record.Papyra() {
		return 0, cli.Usagef("the lists of events, audits and dead letters are of Papyra's own logs, not of those of the profile %s: use papyra inspect records", p.Name)
	}
	time, kind := a.Flags()
	if err := a.Needs(cli.Given(time, since, cli.Flag{Name: "--until", Set: a.Until.IsSet()}), cli.Given(kind, cli.Flag{Name: "--kind", Set: !v.own && len(v.fields.Kinds) > 0})); err != nil {
		return 0, err
	}
	w := env.Stdout
	var people *renderer
	if a.text() {
		people = &renderer{w: env.Stdout, form: v.form(v.zone)}
		w = people
	} else if env.StdoutIsTerminal() {
		w = report.SafeJSON(w) // elsewhere records are the bytes that they are
	}
	o := a.options(env.Now(), v)
	var shown int64
	print := func(log *stream.Log, lines stream.Range) error {
		o.Part = lines
		sum, err := selection.Print(env.Ctx, log, o, w)
		shown += sum.Records
		if err == nil && people != nil {
			err = people.finish()
		}
		return err
	}
	err := a.each(env, in, o, v.Follow, print)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, a.Absent(in.Path)
	}
	if clock := (*policy.ClockError)(nil); errors.As(err, &clock) {
		err = fmt.Errorf("%s: %w (--force goes on)", in.Path, err)
	}
	return shown, err
}

// each has a log printed, or the parts of one that is followed.
func (a *args) each(env *cli.Env, in cli.Input, o *selection.Options, goOn bool, print func(*stream.Log, stream.Range) error) error {
	if goOn {
		return follow.Run(env.Ctx, follow.Options{Path: in.Path, Missing: a.Missing == "ok", Print: print, Note: func(format string, args ...any) {
			fmt.Fprintf(env.Notes(&a.Output), "%s: %s\n", env.Prog, safetext.String(fmt.Sprintf(format, args...)))
		}})
	}
	log, _, err := env.OpenLog(in, a.Rotated, 0)
	if log != nil {
		defer log.Close()
	}
	if err != nil {
		return err
	}
	if !env.StdoutIsTerminal() {
		bar := env.Progress(&a.Output, in.Path, log.Size())
		o.OnProgress = bar.Add
		defer bar.Close()
	}
	return print(log, stream.Range{})
}

func (a *args) options(now time.Time, v view) *selection.Options {
	o := &selection.Options{
		Rule: a.Policy().At(now), Checker: a.Checker(nil),
		Limit: (*int64)(v.Limit), Reverse: v.Reverse, Force: a.Force, Settle: time.Duration(a.Settle),
		Fields: v.fields,
	}
	if a.Since.IsSet() {
		t := a.Since.Unix(now)
		o.Fields.Since = &t
	}
	if a.Until.IsSet() {
		t := a.Until.Unix(now)
		o.Fields.Until = &t
	}
	return o
}

// renderer gets records, each with its newline, and writes their text.
type renderer struct {
	w    io.Writer
	form func(dst, line []byte) []byte
	part []byte // the start of a record whose end is still to come
	out  []byte
}

// Write takes records in, cut anywhere.
func (r *renderer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			r.part = append(r.part, p...)
			break
		}
		line := p[:i]
		if len(r.part) > 0 {
			r.part = append(r.part, line...)
			line = r.part
		}
		r.out = r.form(r.out, line)
		r.part = r.part[:0]
		p = p[i+1:]
		if len(r.out) >= flushAt {
			if err := r.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, r.flush()
}

// flushAt is how much text is written at once.
const flushAt = 64 << 10

func (r *renderer) flush() error {
	if len(r.out) == 0 {
		return nil
	}
	_, err := r.w.Write(r.out)
	r.out = r.out[:0]
	return err
}

func (r *renderer) finish() error {
	if len(r.part) > 0 {
		r.out = r.form(r.out, r.part)
		r.part = nil
	}
	return r.flush()
}
