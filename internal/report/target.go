package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// Target is a report that somebody asked for: FORMAT=FILE, where the file "-"
// is the standard output.
type Target struct {
	Format Format
	File   string
}

// UnmarshalText reads FORMAT=FILE. The file may hold more equals signs.
func (t *Target) UnmarshalText(text []byte) error {
	name, file, ok := strings.Cut(string(text), "=")
	if !ok {
		return fmt.Errorf("bad report %q: want FORMAT=FILE, such as sarif=scan.sarif", text)
	}
	f, err := ParseFormat(name)
	if err != nil {
		return err
	}
	if file == "" {
		return fmt.Errorf("bad report %q: no file after the = (- is the standard output)", text)
	}
	*t = Target{f, file}
	return nil
}

// String returns FORMAT=FILE.
func (t Target) String() string { return string(t.Format) + "=" + t.File }

// Stdout reports whether the report goes to the standard output.
func (t Target) Stdout() bool { return t.File == "-" }

// Targets are the reports of one run.
type Targets []Target

// Stdout reports whether one of the reports goes to the standard output, in the
// place of the usual one.
func (ts Targets) Stdout() bool { return slices.ContainsFunc(ts, Target.Stdout) }

// Files returns the names of the files that the reports go to.
func (ts Targets) Files() []string {
	var names []string
	for _, t := range ts {
		names = append(names, t.File)
	}
	return names
}

// FileWriter puts what write writes into the file of that name, all of it or,
// on an error, nothing. A new file gets the permissions perm. The caller hands
// in what replaces a file atomically.
type FileWriter func(name string, perm fs.FileMode, write func(io.Writer) error) error

// CollectorPerm is the permissions of a new file for a collector, which runs as
// somebody else. They are meant as they are, whatever the umask.
const CollectorPerm fs.FileMode = 0o644

// Perm is the permissions of a new file with the report.
func (t Target) Perm() fs.FileMode {
	if t.Format == Prometheus {
		return CollectorPerm
	}
	return 0o666 // less the umask, as any file
}

// Run has look add to the document and every report written meanwhile. One that
// fails does not keep the others from being written; all errors are returned.
// If look fails, no file is replaced, and its error alone is returned. Colour
// is for the standard output only.
func (ts Targets) Run(stdout io.Writer, d *Document, o Options, file FileWriter, look func() error) error {
	err := ts.run(stdout, d, o, file, func() { d.broken = look() })
	if d.broken != nil {
		return d.broken
	}
	return err
}

func (ts Targets) run(stdout io.Writer, d *Document, o Options, file FileWriter, look func()) error {
	if len(ts) == 0 {
		look()
		return nil
	}
	t := ts[0]
	var rest error
	others := func() { rest = ts[1:].run(stdout, d, o, file, look) }
	if t.Stdout() {
		form := d.Open(stdout, t.Format, o)
		others()
		return errors.Join(form.Close(), rest)
	}
	plain, began := o, false
	plain.Color = false
	err := file(t.File, t.Perm(), func(w io.Writer) error {
		began = true
		form := d.Open(w, t.Format, plain)
		others()
		return errors.Join(form.Close(), d.broken)
	})
	if !began {
		others()
	}
	if err != nil {
		err = fmt.Errorf("report %s: %w", t, err)
	}
	return errors.Join(err, rest)
}
