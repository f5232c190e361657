package durable_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// mistake is a file system that makes package durable look as if it did
// something wrong. What it does not lie about it hands on.
type mistake struct {
	durable.FS
	noDirSync    bool // fsync of a directory does nothing
	noNewSync    bool // nor that of the new file
	noLateSync   bool // nor that, once the names are exchanged
	noJournal    bool // only the first record of a journal is written
	noRecordSync bool // only the first is fsynced
	noQuiet      bool // an inode counts as quiet at once
	noDrain      bool // what is appended after the exchange is not seen
	lateMeta     bool // metadata is copied at the end
	noLook       bool // a name is always of the file that it was of when it was first looked at
	wantsOld     bool // a missing old file is an error
	forgiving    bool // a failed fsync is tried again and believed
	exchanged    bool
	meta         func() error
	seen         map[string]durable.Info
}

type mistaken struct {
	durable.File
	fs   *mistake
	name string
	end  int64
}

func (m *mistake) Lstat(name string) (durable.Info, error) {
	info, err := m.FS.Lstat(name)
	if m.wantsOld && strings.HasSuffix(name, ".papyra-new") && err != nil {
		if _, jerr := m.FS.Lstat(strings.Replace(name, "-new", "-journal", 1)); jerr == nil {
			return info, syscall.EIO
		}
	}
	if m.noLook && name == simLog && err == nil {
		if first, ok := m.seen[name]; ok {
			return first, nil
		}
		m.seen = map[string]durable.Info{name: info}
	}
	return info, err
}

func (m *mistake) SyncDir(dir string) error {
	if m.noDirSync {
		return nil
	}
	return m.FS.SyncDir(dir)
}

func (m *mistake) Exchange(a, b string) error {
	m.exchanged = true
	m.seen = nil
	if m.meta != nil {
		if err := m.meta(); err != nil {
			return err
		}
	}
	return m.FS.Exchange(a, b)
}

func (m *mistake) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := m.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &mistaken{File: f, fs: m, name: name}, nil
}

func (f *mistaken) Sync() error {
	base := filepath.Base(f.name)
	isNew := strings.HasSuffix(base, ".papyra-new")
	if isNew && (f.fs.noNewSync || f.fs.noLateSync && f.fs.exchanged) {
		return nil
	}
	if f.fs.noRecordSync && strings.HasSuffix(base, ".papyra-journal") && f.end > 512 {
		return nil
	}
	err := f.File.Sync()
	if err != nil && f.fs.forgiving {
		return f.File.Sync()
	}
	return err
}

func (f *mistaken) WriteAt(p []byte, off int64) (int, error) {
	f.end = off + int64(len(p))
	if f.fs.noJournal && off > 0 && strings.HasSuffix(f.name, ".papyra-journal") {
		return len(p), nil
	}
	return f.File.WriteAt(p, off)
}

func (f *mistaken) SetLease(l durable.Lease) error {
	if f.fs.noQuiet && l == durable.ReadLease {
		return nil
	}
	return f.File.SetLease(l)
}

func (f *mistaken) Lease() (durable.Lease, error) {
	if f.fs.noQuiet && f.name == simLog {
		return durable.ReadLease, nil
	}
	return f.File.Lease()
}

func (f *mistaken) Stat() (durable.Info, error) {
	info, err := f.File.Stat()
	if f.fs.noDrain && f.name == simLog {
		if !f.fs.exchanged {
			f.end = info.Size
		}
		info.Size = min(info.Size, max(f.end, 1))
	}
	return info, err
}

func (f *mistaken) CopyFrom(src durable.File, srcOff, off, n int64) (int64, error) {
	return f.File.CopyFrom(src.(*mistaken).File, srcOff, off, n)
}

func (f *mistaken) CopyMeta(from durable.File) error {
	if f.fs.lateMeta && filepath.Dir(f.name) == simDir {
		f.fs.meta = func() error { return f.File.CopyMeta(from.(*mistaken).File) }
		return nil
	}
	return f.File.CopyMeta(from.(*mistaken).File)
}

// mistakes are what each harness must notice at least once.
var mistakes = map[string]mistake{
	"skip the directory fsync":            {noDirSync: true},
	"drain before the exchange":           {noDrain: true},
	"do not wait until writers let go":    {noQuiet: true},
	"do not journal late pieces":          {noJournal: true},
	"do not fsync the record of a piece":  {noRecordSync: true},
	"do not fsync the new file":           {noNewSync: true},
	"do not fsync what came late":         {noLateSync: true},
	"copy metadata after the fsync":       {lateMeta: true},
	"take a half-done cleanup for damage": {wantsOld: true},
}

// plant wraps a file system in a mistake.
func plant(m mistake) func(durable.FS) durable.FS {
	return func(under durable.FS) durable.FS {
		c := m
		c.FS = under
		return &c
	}
}

// A harness that cannot fail proves nothing: each of these mistakes must be
// found in at least one crash state or schedule.
func TestPlantedMistakesAreCaught(t *testing.T) {
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, sc := range scenarios() {
				if e, _ := explore(sc, 1, 0, plant(m)); len(e.errs) > 0 {
					t.Logf("caught by %q after %d states: %.300s", sc.name, e.visited, e.errs[0])
					return
				}
			}
			require.Fail(t, "nothing noticed it")
		})
	}
}
