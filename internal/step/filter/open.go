package filter

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// open opens a log. It returns nil for one that does not exist.
func (c *Command) open(env *cli.Env, in cli.Input) (log *selection.Log, done func(), err error) {
	var sources []*stream.Log
	done = func() {
		for _, s := range sources {
			s.Close()
		}
	}
	switch {
	case in.Stdin:
		src, err := stream.FromReader("standard input", env.Stdin)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, src)
	case c.Rotated:
		if sources, err = openSet(in.Path); err != nil {
			return nil, nil, err
		}
	default:
		src, err := stream.Open(in.Path)
		if err == nil {
			sources = append(sources, src)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	switch len(sources) {
	case 0:
		c.note(env, "%s does not exist: like an empty log", in.Path)
		return nil, done, nil
	case 1:
		return selection.FromSource(sources[0]), done, nil
	}
	return selection.Join(in.Path, sources), done, nil
}

// rotations is how often a set is opened again that was rotated meanwhile.
const rotations = 5

// openSet opens a log and what it was rotated into, the oldest first. A rotation
// while they are opened would hide a file or show it twice: then it begins anew.
func openSet(path string) ([]*stream.Log, error) {
	for range rotations {
		sources, err := tryOpenSet(path)
		if !errors.Is(err, errRotated) {
			return sources, err
		}
	}
	return nil, fmt.Errorf("%s: %w again and again while its files were opened", path, errRotated)
}

var errRotated = errors.New("was rotated")

func tryOpenSet(path string) (sources []*stream.Log, err error) {
	defer func() {
		if err != nil {
			for _, s := range sources {
				s.Close()
			}
			sources = nil
		}
	}()
	set, err := stream.FindSet(path, 0)
	if err != nil {
		return nil, err
	}
	for _, name := range set.Files {
		src, err := stream.Open(name)
		if errors.Is(err, fs.ErrNotExist) && name == path {
			continue // rotated a moment ago: the producer makes it anew
		}
		if errors.Is(err, fs.ErrNotExist) {
			return sources, errRotated
		}
		if err != nil {
			return sources, err
		}
		sources = append(sources, src)
	}
	again, err := stream.FindSet(path, 0)
	if err != nil {
		return sources, err
	}
	if !slices.Equal(again.Files, set.Files) {
		return sources, errRotated
	}
	for _, s := range sources {
		if s.Verify() != nil {
			return sources, errRotated
		}
	}
	return sources, nil
}
