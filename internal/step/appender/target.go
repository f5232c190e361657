package appender

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/nearest"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// check refuses what does not go together, before anything is read, and returns
// the path of the log.
func (c *Command) check(env *cli.Env) (string, error) {
	path, err := c.path(env)
	if err != nil {
		return "", err
	}
	switch {
	case c.MaxLineBytes < 2:
		return "", cli.Usagef("--max-line-bytes %s is too small: at least 2 bytes", c.MaxLineBytes)
	case c.Ack && c.Sync.word == "never":
		return "", cli.Usagef("--ack reports what was fsynced: it cannot be combined with --sync never")
	case c.Rejects == "-":
		return "", cli.Usagef("--rejects wants a file")
	case env.Stdin == nil || env.StdinIsTerminal():
		return "", cli.Usagef("no records: pipe them in, as in producer | %s %s", env.Prog, path)
	}
	err = errors.Join(c.RefuseAuto(env, []cli.Input{{Path: path}}), c.Needs(cli.Given(cli.Flag{Name: "--stamp", Set: c.Stamp}), cli.Given(cli.Flag{Name: "--kind", Set: c.Kind != ""})))
	if err == nil {
		err = c.checkKind()
	}
	if err != nil {
		return "", err
	}
	return path, checkStreams(env, path)
}

func (c *Command) path(env *cli.Env) (string, error) {
	path := c.Arg
	switch configured, _, ok := env.Setting("path"); {
	case c.Arg != "" && c.Path != "":
		return "", cli.Usagef("name one log, as an argument or with --path")
	case c.Path != "":
		path = c.Path
	case c.Arg == "" && ok:
		path = configured
	}
	switch path {
	case "":
		return "", cli.Usagef("no log given: name a PATH or set PAPYRA_PATH")
	case "-":
		return "", cli.Usagef("records are read from standard input and appended to a file: name one")
	}
	return path, nil
}

// checkKind refuses a kind with which every record would be refused.
func (c *Command) checkKind() error {
	if c.Kind == "" {
		return nil
	}
	known := slices.Clone(c.AllowKind)
	for _, k := range c.Record().Kind.Known {
		known = append(known, k.Text)
	}
	if len(known) > len(c.AllowKind) && !slices.Contains(known, c.Kind) {
		return cli.Usagef("--kind %q is not a known kind; --allow-kind adds more%s", c.Kind, nearest.DidYouMean(c.Kind, known))
	}
	return nil
}

// checkLog refuses what nothing can or should be appended to, as early as
// possible: what the producer prints by then may exist nowhere else.
func checkLog(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if dir, err := os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("open log: %w", err)
		} else if !dir.IsDir() {
			return fmt.Errorf("open log: %s is not a directory", filepath.Dir(path))
		}
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("open log: %s is a symbolic link to nothing", path)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	if info.Mode()&os.ModeNamedPipe != 0 {
		return &stream.RefusedError{Path: path, What: "a FIFO"}
	}
	src, err := stream.Open(ctx, path)
	if err != nil {
		return err
	}
	defer src.Close()
	if src.Compression() != "" {
		return fmt.Errorf("%s is compressed (%s): decompress it first", path, src.Compression())
	}
	return nil
}

// checkStreams refuses a log that the records come from, or that the report
// would go to.
func checkStreams(env *cli.Env, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // what is wrong with the log is told in the report
	}
	for _, other := range []struct {
		file *os.File
		what string
	}{{env.StdinFile, "the input"}, {env.StdoutFile, "the standard output"}} {
		if other.file == nil {
			continue
		}
		if o, err := other.file.Stat(); err == nil && os.SameFile(o, info) {
			return fmt.Errorf("%s is %s too: it would never end", path, other.what)
		}
	}
	return env.Guard(path)
}

// openExisting checks the log, and opens one that exists at once, so that what
// is wrong with it shows before the first record is taken. One that does not is
// created when there is something to put into it.
func (c *Command) openExisting(ctx context.Context, path string, e *engine) error {
	if err := checkLog(ctx, path); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	_, err := e.open()
	return err
}
