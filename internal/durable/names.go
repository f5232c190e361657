package durable

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// nameMax is how many bytes a name may have on every file system that has
// leases.
const nameMax = 255

// tempName is where the new file grows, and where the old inode waits after the
// exchange.
func tempName(path string) string { return beside(path, ".", ".papyra-new") }

// journalName is the journal of a swap.
func journalName(path string) string { return beside(path, ".", ".papyra-journal") }

// accountName is where the account of a rewrite grows.
func accountName(path string) string { return beside(path, ".", ".papyra-account") }

// beside derives a name in the same directory. Of a name that would become too
// long, a part gives way to a checksum of the whole.
func beside(path, prefix, suffix string) string {
	dir, base := filepath.Split(path)
	return filepath.Join(dir, prefix+fitting(base, len(prefix)+len(suffix))+suffix)
}

func fitting(base string, more int) string {
	if len(base)+more <= nameMax {
		return base
	}
	sum := fmt.Sprintf("~%08x", crc32.Checksum([]byte(base), castagnoli))
	return base[:max(0, nameMax-more-len(sum))] + sum
}

// kept is the name of something that is kept of a log, with the time in it.
func kept(dir, path, what, suffix string, now time.Time) string {
	tail := what + strconv.FormatInt(now.UnixMilli(), 10) + suffix
	return filepath.Join(dir, fitting(filepath.Base(path), len(tail))+tail)
}

func quarantineName(dir, path string, now time.Time) string {
	return kept(dir, path, ".quarantine.", "", now)
}

// AccountName is where the account of a rewrite of the log goes unless the
// caller says otherwise: NAME.repair-<unix-ms>.ledger beside the log.
func AccountName(path string, now time.Time) string {
	return kept(filepath.Dir(path), path, ".repair-", ".ledger", now)
}

var (
	quarantineTail = regexp.MustCompile(`\.quarantine\.[0-9]+$`)
	accountTail    = regexp.MustCompile(`\.repair-[0-9]+\.ledger$`)
)

// derives reports whether a name is one that we make of the log's name and a
// tail. It guards what a journal may make us remove: a journal is evidence, not
// authority.
func derives(name, path string, tail *regexp.Regexp) bool {
	base := filepath.Base(name)
	at := tail.FindStringIndex(base)
	return at != nil && base[:at[0]] == fitting(filepath.Base(path), len(base)-at[0])
}

// missing reports whether err says that there is no such file; a name that is
// too long cannot be one.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENAMETOOLONG)
}

// Leftover is a file that a rewrite did not get to remove.
type Leftover struct {
	Path string `json:"path"`
	Size int64  `json:"size"` // bytes
	// Kind is "new", "journal" or "account" for our own, "producer" for the
	// producer's PATH.compact.tmp and PATH.recovered.tmp.
	Kind string `json:"kind"`
}

// Leftovers lists what killed runs left beside the log, our own and the
// producer's. It changes nothing and takes no lock: a rewrite that is running
// now has the same files, so a caller may want to look twice. Symbolic links
// are followed to the log, not at the leftovers.
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
		{Path: accountName(target), Kind: "account"},
		{Path: target + ".compact.tmp", Kind: "producer"},
		{Path: target + ".recovered.tmp", Kind: "producer"},
	}
	var found []Leftover
	for _, c := range candidates {
		info, err := fsys.Lstat(c.Path)
		if missing(err) {
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
