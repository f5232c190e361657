package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/internal/profiles"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// autoProfile stands for the profile that fits each log.
const autoProfile = "auto"

// LoadProfile returns a profile by its name, or from its file: what ends in
// .json or has a slash is a file.
func LoadProfile(name string) (*record.Profile, error) {
	if !strings.HasSuffix(name, ".json") && !strings.ContainsRune(name, '/') {
		return record.Preset(name)
	}
	f, _, err := opening.Regular(name)
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	p, err := record.ParseProfile(data)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	return p, nil
}

// loadProfile reads what --profile names.
func (c *Judging) loadProfile() error {
	if c.Profile == "" || c.Profile == autoProfile {
		return nil
	}
	p, err := LoadProfile(c.Profile)
	if err != nil {
		return Usagef("--profile: %w", err)
	}
	if p != record.Papyra() && c.Reader == "producer" {
		return Usagef("--reader producer requires --profile papyra: it is Papyra's producer whose reader is known")
	}
	c.profile = p
	return nil
}

// Record returns the profile in force.
func (c *Judging) Record() *record.Profile {
	if c.profile == nil {
		return record.Papyra()
	}
	return c.profile
}

// Decide finds the profile of a log with --profile auto, and says on standard
// error which one it is, unless the log was found in a folder. The whole log is
// then held to it. Without auto it does nothing.
func (c *Judging) Decide(env *Env, in Input, quiet bool) error {
	if c.Profile != autoProfile {
		return nil
	}
	d, err := detect(env, in)
	if err != nil {
		return err
	}
	if c.profile = d.Profile; c.profile == nil {
		if c.profile, err = record.Preset("any"); err != nil {
			return err
		}
	}
	if !quiet && !in.Found() {
		fmt.Fprintf(env.Stderr, "%s: %s: --profile %s\n", env.Prog, safetext.String(in.Path), d)
	}
	return nil
}

// detect tells the profile of a log, with less evidence for one of many.
func detect(env *Env, in Input) (d profiles.Detection, err error) {
	if !in.Found() {
		return DetectProfile(env, in)
	}
	lines, err := Sample(env, in)
	if err == nil {
		d.Profile, err = profiles.Tell(lines)
	}
	return d, err
}

// Needs fails if a flag was given that looks at the time or the kind of records
// which have none by their profile: what would never apply is not passed over
// in silence. It takes the names of the flags, "" for those not given.
func (c *Judging) Needs(time, kind string) error {
	switch p := c.Record(); {
	case time != "" && !p.HasTime():
		return Usagef("%s requires records with a time, and those of the profile %s have none", time, p.Name)
	case kind != "" && !p.HasKind():
		return Usagef("%s requires records with a kind, and those of the profile %s have none", kind, p.Name)
	}
	return nil
}

// Given returns the name of the first flag that was given, or "".
func Given(flags ...Flag) string {
	for _, f := range flags {
		if f.Set {
			return f.Name
		}
	}
	return ""
}

// Flag is a flag, and whether it was given.
type Flag struct {
	Name string
	Set  bool
}

// RefuseAuto refuses --profile auto for a step that changes files, and says
// what to give in its place.
func (c *Judging) RefuseAuto(env *Env, inputs []Input) error {
	if c.Profile != autoProfile {
		return nil
	}
	err := errors.New("--profile auto is for steps that change no file: what may be deleted is never guessed")
	for _, in := range inputs {
		if in.Stdin {
			continue
		}
		if d, detectErr := DetectProfile(env, in); detectErr == nil {
			err = fmt.Errorf("%w; %s", err, looks(in.Path, d))
		}
		break
	}
	return Usagef("%w", err)
}

// looks says what a log looks like, and the flag for that:
//
//	app.log looks like pino (998 of 1,000 lines): --profile pino
func looks(path string, d profiles.Detection) string {
	if d.Profile == nil {
		return fmt.Sprintf("%s looks like none that is known: --profile any, or a file of your own", path)
	}
	return fmt.Sprintf("%s looks like %s (%s of %s lines): --profile %[2]s", path, d.Profile.Name,
		humanize.Comma(int64(d.Fits[0].Lines)), humanize.Comma(int64(d.Lines)))
}

// sampleLines is how many lines of a log are looked at to tell its profile,
// glanceLines of one of many, and samplePipe how much of a pipe is waited for.
const (
	glanceLines = 64
	sampleLines = 1000
	samplePipe  = 64 << 10
)

// DetectProfile tells which of the candidates, or else of the presets, fits a
// log. What it reads of standard input is put back.
func DetectProfile(env *Env, in Input, candidates ...*record.Profile) (profiles.Detection, error) {
	if len(candidates) == 0 {
		var err error
		if candidates, err = profiles.All(); err != nil {
			return profiles.Detection{}, err
		}
	}
	lines, err := Sample(env, in)
	if err != nil {
		return profiles.Detection{}, err
	}
	return profiles.Detect(lines, candidates), nil
}

// Sample returns lines that stand for a log, a few for one of a folder. What it
// reads of standard input is put back.
func Sample(env *Env, in Input) ([][]byte, error) {
	if !in.Stdin {
		log, _, err := env.OpenLog(in, false, 0)
		if err != nil {
			return nil, err
		}
		defer log.Close()
		if in.Found() {
			return stream.Glance(log, glanceLines)
		}
		return stream.Sample(log, sampleLines)
	}
	if env.Stdin == nil {
		return nil, errors.New("no standard input")
	}
	if f, ok := env.Stdin.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return sampleOpen(f)
		}
	}
	head := make([]byte, samplePipe)
	n, err := io.ReadAtLeast(env.Stdin, head, 1)
	for err == nil && n < len(head) && bytes.Count(head[:n], []byte("\n")) < 100 {
		var more int
		more, err = env.Stdin.Read(head[n:])
		n += more
	}
	head, whole := head[:n], err != nil
	// An error comes again when the rest is read.
	env.Stdin = io.MultiReader(bytes.NewReader(head), env.Stdin)
	log, err := stream.FromReader("-", bytes.NewReader(head))
	if err != nil {
		return nil, err
	}
	lines, err := stream.Sample(log, sampleLines)
	if !whole {
		err = nil // a compressed text that is cut off
		if n := len(lines) - 1; n > 0 && (log.Compression() != "" || head[len(head)-1] != '\n') {
			lines = lines[:n] // the last one may go on
		}
	}
	return lines, err
}

// sampleOpen looks at a file that is standard input, and leaves its position as
// it is.
func sampleOpen(f *os.File) ([][]byte, error) {
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	log, err := stream.FromReader("-", f)
	if err != nil {
		return nil, err
	}
	lines, err := stream.Sample(log, sampleLines)
	if _, back := f.Seek(at, io.SeekStart); err == nil {
		err = back
	}
	return lines, err
}
