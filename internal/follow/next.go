package follow

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// next returns the name of the file that follows the one at hand, and whether
// that was rotated. A rotated file has the log's name and something behind it,
// or, with a date before the extension, its first part. The names of a rewrite
// are hidden, or those of evidence.
func (r *follower) next() (name string, rotated bool, err error) {
	path := r.Path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	set, err := stream.FindSet(path, 0)
	if err != nil {
		return "", false, err
	}
	for i, member := range set.Files[:len(set.Files)-1] {
		if r.isCurrent(member) {
			return set.Files[i+1], true, nil
		}
	}
	dir, base := filepath.Split(path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return "", false, err
	}
	for _, e := range entries {
		if n := e.Name(); n != base && stem != "" && strings.HasPrefix(n, stem) && !strings.Contains(n, ".quarantine.") && r.isCurrent(dir+n) {
			return path, true, nil
		}
	}
	return path, false, nil
}

func (r *follower) isCurrent(name string) bool {
	info, err := os.Stat(name)
	return err == nil && os.SameFile(info, r.cur.info)
}
