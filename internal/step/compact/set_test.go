package compact

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/durable"
)

// A unit is a record, with the damage that stands before it.
type unit struct {
	damage, record string
	age            int
}

// limits are those of a run; -1 is none.
type limits struct{ age, records, bytes int }

func (l limits) args() (out []string) {
	for name, n := range map[string]int{"--max-age": l.age, "--max-records": l.records, "--max-total-bytes": l.bytes} {
		if n >= 0 {
			out = append(out, name, strconv.Itoa(n))
		}
	}
	return append(out, "--force", "--offline", "--rotated")
}

// retained is the contract, word by word: age, then count, then size.
func retained(units []unit, l limits) []unit {
	var left []unit
	for _, u := range units {
		if l.age < 0 || u.age <= l.age {
			left = append(left, u)
		}
	}
	if l.records >= 0 {
		left = left[max(0, len(left)-l.records):]
	}
	size := 0
	for i, u := range slices.Backward(left) {
		if size += len(u.damage) + len(u.record); l.bytes >= 0 && size > l.bytes {
			return left[i+1:]
		}
	}
	return left
}

func text(units []unit) string {
	var b strings.Builder
	for _, u := range units {
		b.WriteString(u.damage + u.record)
	}
	return b.String()
}

// joined is the text of a set of at most so many files, the oldest first.
func joined(t require.TestingT, path string, n int) string {
	var b strings.Builder
	for ; n >= 0; n-- {
		name := path
		if n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		if f, err := os.Open(name + ".gz"); err == nil {
			z, err := gzip.NewReader(f)
			if !errors.Is(err, io.EOF) { // it was emptied
				require.NoError(t, err)
				_, err = io.Copy(&b, z)
				require.NoError(t, err)
			}
			require.NoError(t, f.Close())
		}
		part, err := os.ReadFile(name)
		if !errors.Is(err, fs.ErrNotExist) {
			require.NoError(t, err)
		}
		b.Write(part)
	}
	return b.String()
}

// Limits hold for the whole set, whatever lies where, by the record.
func TestSetOracle(t *testing.T) {
	dir := t.TempDir()
	run1 := 0
	rapid.Check(t, func(r *rapid.T) {
		run1++
		path := filepath.Join(dir, strconv.Itoa(run1), "l.ndjson")
		require.NoError(r, os.Mkdir(filepath.Dir(path), 0o700))
		var all []unit
		var parts [][]unit
		var zipped []bool
		files := rapid.IntRange(1, 5).Draw(r, "files")
		for n := files - 1; n >= 0; n-- {
			var part []unit
			for range rapid.IntRange(0, 6).Draw(r, "records") {
				u := unit{age: rapid.IntRange(0, 9).Draw(r, "age")}
				u.record = fmt.Sprintf(`{"kind":"event","timestamp":%d,"n":%d,"p":"%s"}`+"\n", 1_710_000_000-u.age, len(all)+len(part),
					strings.Repeat("x", rapid.IntRange(0, 50).Draw(r, "length")))
				u.damage = rapid.SampledFrom([]string{"", "", "damaged\n", "\n"}).Draw(r, "damage")
				part = append(part, u)
			}
			name := path
			if n > 0 {
				name = fmt.Sprintf("%s.%d", path, n)
			}
			zip := n > 0 && rapid.IntRange(0, 3).Draw(r, "compressed") == 0
			put(r, name, text(part), zip)
			all, parts, zipped = append(all, part...), append(parts, part), append(zipped, zip)
		}
		limit := func(name string, most int) int {
			if rapid.Bool().Draw(r, name) {
				return -1
			}
			return rapid.IntRange(0, most).Draw(r, name+" value")
		}
		l := limits{limit("age", 9), limit("records", 20), limit("bytes", 1500)}
		want, stay := "", retained(all, l)
		for i, part := range parts {
			var kept []unit
			for _, u := range part {
				if slices.Contains(stay, u) {
					kept = append(kept, u)
				}
			}
			if zipped[i] && len(kept) > 0 {
				kept = part // only whole
			}
			want += text(kept)
		}
		for range 2 { // and once more: nothing changes
			code, out, said := run(t, &Command{}, append(l.args(), path)...)
			require.Zero(r, code, out+said)
			require.Equal(r, want, joined(r, path, files), said)
		}
		names, err := os.ReadDir(filepath.Dir(path))
		require.NoError(r, err)
		oldest := false
		for n := files - 1; n > 0; n-- {
			name := fmt.Sprintf("%s.%d", path, n)
			if zipped[files-1-n] {
				name += ".gz"
			}
			info, err := os.Stat(name)
			oldest = oldest || err == nil
			require.Equal(r, oldest, err == nil, "a gap in the set")
			if l != (limits{-1, -1, -1}) && err == nil && len(names) == n+1 {
				require.NotZero(r, info.Size(), "the oldest file holds nothing")
			}
		}
		for _, name := range names {
			require.NotContains(r, name.Name(), "papyra")
		}
	})
}

func put(t require.TestingT, name, content string, zip bool) {
	if zip {
		var b strings.Builder
		z := gzip.NewWriter(&b)
		_, err := io.WriteString(z, content)
		require.NoError(t, errors.Join(err, z.Close()))
		name, content = name+".gz", b.String()
	}
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
}

// small is a set of four files of three records each, one of them compressed.
func small(t *testing.T) (path string, all []unit) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "l.ndjson")
	for n := 3; n >= 0; n-- {
		var part []unit
		for range 3 {
			part = append(part, unit{record: fmt.Sprintf(`{"kind":"event","timestamp":%d}`+"\n", 1_710_000_000+len(all)+len(part))})
		}
		all = append(all, part...)
		name := path
		if n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		put(t, name, text(part), n == 3)
	}
	return path, all
}

// A set is rotated before any operation of a run on names: each record that is
// to stay does, once, and each that is to go has gone.
func TestSetRotatedAnywhere(t *testing.T) {
	for at, struck := 1, true; struck; at++ {
		path, all := small(t)
		stop := &stopFS{FS: durable.OS(), at: at, only: "open lstat rename exchange", act: func() bool {
			for n := 4; n >= 0; n-- {
				for _, gz := range []string{"", ".gz"} {
					name := path + gz
					if n > 0 {
						name = fmt.Sprintf("%s.%d%s", path, n, gz)
					}
					if err := os.Rename(name, fmt.Sprintf("%s.%d%s", path, n+1, gz)); !errors.Is(err, fs.ErrNotExist) {
						require.NoError(t, err)
					}
				}
			}
			write(t, path, os.O_CREATE, `{"kind":"event","timestamp":1710000100}`+"\n")
			return false
		}}
		code, out, said := run(t, &Command{fs: stop}, append(limits{-1, 5, -1}.args(), path)...)
		struck = stop.n >= at
		when := fmt.Sprintf("operation %d (%s): exit %d, %s%s", at, stop.name, code, out, said)
		got := joined(t, path, 5)
		if struck {
			all = append(all, unit{record: `{"kind":"event","timestamp":1710000100}` + "\n"})
		}
		require.Contains(t, got, text(all[len(all)-5:]), when)
		code, out, said = run(t, &Command{}, append(limits{-1, 5, -1}.args(), path)...)
		require.Zero(t, code, when+out+said)
		require.Equal(t, text(all[len(all)-5:]), joined(t, path, 5), when)
	}
}

// A run is killed before any operation on names; the next one finishes. With an
// archive, each record is in the set or in the archive, never in both.
func TestSetKilledAnywhere(t *testing.T) {
	for at, struck := 1, true; struck; at++ {
		path, all := small(t)
		dir := filepath.Join(filepath.Dir(path), "old")
		args := append(limits{-1, 5, -1}.args(), "--archive", dir, path)
		stop := &stopFS{FS: durable.OS(), at: at, only: "rename exchange link remove", act: func() bool { return true }}
		code, out, said := run(t, &Command{fs: stop}, args...)
		struck = stop.n >= at
		when := fmt.Sprintf("operation %d (%s): exit %d, %s%s", at, stop.name, code, out, said)
		require.Equal(t, !struck, code == 0, when)
		require.Contains(t, joined(t, path, 5), text(all[7:]), when)
		code, out, said = run(t, &Command{}, args...)
		require.Zero(t, code, when+out+said)
		require.Equal(t, text(all[7:]), joined(t, path, 5), when+out+said)
		require.NoFileExists(t, path+".3.gz", when)
		require.NoFileExists(t, path+".2", when)
		archives, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		require.Len(t, archives, 3, when)
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*papyra*"))
		require.NoError(t, err)
		require.Empty(t, left, when)
	}
}

// stopFS does something before its operation number at, and is dead from then
// on if that says so.
type stopFS struct {
	durable.FS
	only  string // what is counted
	n, at int
	name  string
	act   func() bool
	dead  bool
}

var errDead = errors.New("killed")

func (s *stopFS) step(name string) error {
	if what, _, _ := strings.Cut(name, " "); strings.Contains(s.only, what) {
		if s.n++; s.n == s.at {
			s.name, s.dead = name, s.act()
		}
	}
	if s.dead {
		return errDead
	}
	return nil
}

func (s *stopFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if err := s.step("open " + name); err != nil {
		return nil, err
	}
	return s.FS.OpenFile(name, flag, perm)
}

func (s *stopFS) Lstat(name string) (durable.Info, error) {
	if err := s.step("lstat " + name); err != nil {
		return durable.Info{}, err
	}
	return s.FS.Lstat(name)
}

func (s *stopFS) Rename(from, to string) error {
	if err := s.step("rename " + from); err != nil {
		return err
	}
	return s.FS.Rename(from, to)
}

func (s *stopFS) Exchange(a, b string) error {
	if err := s.step("exchange " + a); err != nil {
		return err
	}
	return s.FS.Exchange(a, b)
}

func (s *stopFS) Link(from, to string) error {
	if err := s.step("link " + from); err != nil {
		return err
	}
	return s.FS.Link(from, to)
}

func (s *stopFS) Remove(name string) error {
	if err := s.step("remove " + name); err != nil {
		return err
	}
	return s.FS.Remove(name)
}

func (s *stopFS) SyncDir(dir string) error {
	if err := s.step("fsync " + dir); err != nil {
		return err
	}
	return s.FS.SyncDir(dir)
}
