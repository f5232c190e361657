package filter

import (
	"errors"
	"io/fs"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// open opens the log of a report. It returns nil for one that does not exist,
// if that is accepted.
func (c *Command) open(env *cli.Env, in cli.Input, f *fileReport) (log *stream.Log, err error) {
	if in.Stdin {
		return stream.FromReader("standard input", env.Stdin)
	}
	if log, _, err = env.OpenLog(in, c.Rotated, 0); log != nil && err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if errors.Is(err, fs.ErrNotExist) {
		f.Missing = true
		if err := c.Absent(in.Path); err != nil {
			return nil, err
		}
		c.note(env, "%s does not exist: like an empty log", in.Path)
		return nil, nil
	}
	return log, err
}
