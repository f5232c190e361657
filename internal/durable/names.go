package durable

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// tempName is where the new file grows, and where the old inode waits after the exchange.
func tempName(path string) string { return beside(path, ".papyra-new") }

// journalName is the journal of a swap.
func journalName(path string) string { return beside(path, ".papyra-journal") }

func beside(path, suffix string) string {
	dir, base := filepath.Split(path)
	return filepath.Join(dir, "."+base+suffix)
}

func quarantineName(dir, path string, now time.Time) string {
	return filepath.Join(dir, filepath.Base(path)+".quarantine."+strconv.FormatInt(now.UnixMilli(), 10))
}

var quarantineSuffix = regexp.MustCompile(`\.quarantine\.[0-9]+$`)

// isQuarantineOf guards what a journal may make us remove.
func isQuarantineOf(name, path string) bool {
	base := filepath.Base(name)
	at := quarantineSuffix.FindStringIndex(base)
	return at != nil && base[:at[0]] == filepath.Base(path)
}

// Leftover is a file that a rewrite did not get to remove.
type Leftover struct {
	Path string `json:"path"`
	Size int64  `json:"size"` // bytes
	// Kind is "new" or "journal" for our own, "producer" for the producer's
	// PATH.compact.tmp and PATH.recovered.tmp.
	Kind string `json:"kind"`
}

// Leftovers lists what killed runs left beside the log, our own and the producer's.
// It changes nothing and takes no lock: a rewrite that is running now
// has the same files, so a caller may want to look twice. Symbolic links are
// followed to the log, not at the leftovers.
func Leftovers(path string) ([]Leftover, error) {
	return leftovers(OS(), path)
}

func leftovers(fsys FS, path string) ([]Leftover, error) {
	target, err := fsys.Resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = path, nil
	}
	if err != nil {
		return nil, err
	}
	candidates := []Leftover{
		{Path: tempName(target), Kind: "new"},
		{Path: journalName(target), Kind: "journal"},
		{Path: target + ".compact.tmp", Kind: "producer"},
		{Path: target + ".recovered.tmp", Kind: "producer"},
	}
	var found []Leftover
	for _, c := range candidates {
		info, err := fsys.Lstat(c.Path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.Size = info.Size
		found = append(found, c)
	}
	return found, nil
}
