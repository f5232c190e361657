package repair

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// rotations is how often the files of a set are looked for again.
const rotations = 10

// set repairs a log and the files that it was rotated into, the oldest first,
// each by itself. A compressed one that needs no repair is left alone.
//
// They are known by what they are, not by their names: a rotation meanwhile
// gives a file the name of one that was repaired. So they are looked for until
// there is none that was not found healthy under one name from beginning to
// end.
func (c *Command) set(env *cli.Env, path string, tell func(*fileReport) error) error {
	var settled []fs.FileInfo
	for round := range rotations {
		set, err := stream.FindSet(path, 0)
		if err != nil {
			return tell(c.file(env, cli.Input{Path: path})) // says what is wrong with the path
		}
		left := false
		for _, name := range set.Files {
			before, err := os.Stat(name)
			if err != nil && len(set.Files) > 1 {
				left = left || name != path // rotated away a moment ago
				continue
			}
			if err == nil && slices.ContainsFunc(settled, func(done fs.FileInfo) bool { return os.SameFile(done, before) }) {
				continue
			}
			f := c.file(env, cli.Input{Path: name})
			after, serr := os.Stat(name)
			same := err == nil && serr == nil && os.SameFile(before, after)
			left = left || !same && !c.DryRun && f.Err == nil
			if same {
				settled = append(settled, after)
			}
			if round == 0 || f.Err != nil || !same {
				if err := tell(f); err != nil {
					return err
				}
			}
			if env.Ctx.Err() != nil || f.Missing {
				return nil
			}
		}
		if !left {
			return nil
		}
	}
	f := newFileReport(path)
	f.fail(fmt.Errorf("%s was rotated again and again while its files were repaired", path))
	return tell(f)
}
