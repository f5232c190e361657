package readers

import (
	"errors"
	"io/fs"

	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// openAll opens files, oldest first, as one log of that name. A file that is not
// there is left out if others are.
func openAll(name string, paths []string) (log *selection.Log, closeAll func(), err error) {
	var sources []*stream.Log
	closeAll = func() {
		for _, s := range sources {
			s.Close()
		}
	}
	var missing error
	for _, path := range paths {
		src, err := stream.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			missing = err
			continue
		}
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		sources = append(sources, src)
	}
	switch len(sources) {
	case 0:
		return nil, nil, missing
	case 1:
		return selection.FromSource(sources[0]), closeAll, nil
	}
	return selection.Join(name, sources), closeAll, nil
}
