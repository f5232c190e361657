package stream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func open(t *testing.T, path string) *stream.Log {
	t.Helper()
	log, err := stream.Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { log.Close() })
	return log
}

// What is missing is told from what is mistyped, and what is no log is refused.
func TestOpenOfWhatIsNoLog(t *testing.T) {
	dir := t.TempDir()
	for link, target := range map[string]string{"dangling": "none", "astray": "none/none", "absolute": filepath.Join(dir, "none")} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	for name, missing := range map[string]bool{"none": true, "dangling": true, "absolute": true, "none/none": false, "astray": false} {
		_, err := stream.Open(t.Context(), filepath.Join(dir, name))
		require.Error(t, err)
		require.Equal(t, missing, errors.Is(err, fs.ErrNotExist), "%s: %v", name, err)
		if !missing {
			require.ErrorContains(t, err, "the directory "+filepath.Join(dir, "none")+" does not exist")
		}
	}
	var refused *stream.RefusedError
	_, err := stream.Open(t.Context(), dir)
	require.ErrorAs(t, err, &refused)
	require.EqualError(t, err, dir+" is a directory, not a log")
	_, err = stream.Open(t.Context(), os.DevNull)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "a device", refused.What)
	f, err := os.Open(dir)
	require.NoError(t, err)
	defer f.Close()
	_, err = stream.FromReader("-", f)
	require.ErrorAs(t, err, &refused)
}

// A log that did not only grow is no longer the one that was opened.
func TestVerify(t *testing.T) {
	for _, tt := range []struct {
		what string
		do   func(path string) error
		says string // of a log opened by its name
		read string // of one handed over open
	}{
		{"nothing", func(string) error { return nil }, "", ""},
		{"an append", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("{}\n")
				f.Close()
			}
			return err
		}, "", ""},
		{"a truncation", func(path string) error { return os.Truncate(path, 3) }, "shrank", "shrank"},
		{"another text in its place", func(path string) error { return os.WriteFile(path, []byte("[]\n[]\n"), 0o600) }, "was rewritten", "was rewritten"},
		{"a removal", os.Remove, "was removed", ""},
		{"another file", func(path string) error {
			if err := os.WriteFile(path+".new", []byte("{}\n{}\n"), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, "was replaced", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			write(t, path, "{}\n{}\n")
			named := open(t, path)
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			handed, err := stream.FromReader("-", f)
			require.NoError(t, err)
			require.NoError(t, tt.do(path))
			for log, says := range map[*stream.Log]string{named: tt.says, handed: tt.read} {
				err := log.Verify()
				if says == "" {
					require.NoError(t, err, log.Name())
					continue
				}
				var changed *stream.ChangedError
				require.ErrorAs(t, err, &changed)
				require.Equal(t, says, changed.What)
				require.ErrorContains(t, err, log.Name()+" "+says+" while it was read")
			}
		})
	}
}

// What a log tells of itself, by what it was opened from.
func TestLogTellsWhatItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "{}\n{}\n")
	written := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	require.NoError(t, os.Chtimes(path, written, written))
	file := open(t, path)
	require.EqualValues(t, 6, file.Size())
	require.EqualValues(t, 6, file.TextSize())
	require.True(t, file.Seekable())
	require.True(t, written.Equal(file.ModTime()))
	require.Equal(t, "log", file.Info().Name())
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte("{}\n{}\n"))), file.Head())

	// A file whose position is beyond its start is a stream from there.
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Seek(3, 0)
	require.NoError(t, err)
	rest, err := stream.FromReader("-", f)
	require.NoError(t, err)
	require.EqualValues(t, -1, rest.Size())
	require.False(t, rest.Seekable())
	require.Zero(t, rest.ModTime())
	require.Empty(t, rest.Head())
	end, err := stream.Forward(t.Context(), rest, stream.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 1, end.Lines)

	// A compressed one has a length once it was read.
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write([]byte("{}\n{}\n{}\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	write(t, path+".gz", packed.String())
	gz := open(t, path+".gz")
	require.Equal(t, "gzip", gz.Compression())
	require.EqualValues(t, packed.Len(), gz.Size())
	require.False(t, gz.Seekable())
	require.Zero(t, gz.TextSize())
	_, err = stream.Forward(t.Context(), gz, stream.Options{})
	require.NoError(t, err)
	require.EqualValues(t, 9, gz.TextSize())
	end, err = stream.Forward(t.Context(), gz, stream.Options{From: 3, To: 6})
	require.NoError(t, err)
	require.EqualValues(t, 1, end.Lines)
	end, err = stream.Forward(t.Context(), gz, stream.Options{From: 30})
	require.NoError(t, err)
	require.Zero(t, end.Lines)
	again := stream.FromReaderAt("gz", bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	require.Empty(t, again.Compression())
}

// grows is a file that is seen to grow when it is asked for the n-th time.
type grows struct {
	*os.File
	asked, n int
	more     string
}

func (g *grows) Stat() (fs.FileInfo, error) {
	if g.asked++; g.asked == g.n {
		if _, err := g.WriteString(g.more); err != nil {
			return nil, err
		}
	}
	return g.File.Stat()
}

// An unfinished line that grows while it is looked at belongs to its writer.
func TestSettle(t *testing.T) {
	for n, inFlight := range map[int]bool{2: true, 3: true, 1000: false} {
		f, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		require.NoError(t, err)
		defer f.Close()
		_, err = f.WriteString("{}\n{")
		require.NoError(t, err)
		log := stream.FromReaderAt("log", &grows{File: f, n: n, more: "}"}, 4)
		settle := time.Hour // it ends as soon as the file grew
		if !inFlight {
			settle = time.Millisecond
		}
		end, err := stream.Forward(t.Context(), log, stream.Options{Settle: settle})
		require.NoError(t, err)
		require.Equal(t, inFlight, end.InFlight != nil, n)
		require.EqualValues(t, map[bool]int64{true: 1, false: 2}[inFlight], end.Lines)
	}
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "{")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stream.Forward(ctx, open(t, path), stream.Options{Settle: time.Hour})
	require.ErrorIs(t, err, context.Canceled)
}

// Whatever a log is cut into, each line is in the part in which it starts.
func TestLinesIn(t *testing.T) {
	for _, text := range []string{"", "\n", "{}", "{}\n[1,2]\n\n{}", strings.Repeat("x", 300) + "\n{}\n", "{}\n" + strings.Repeat("\x00", 9000) + "\n{}\n"} {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, text)
		log, size := open(t, path), int64(len(text))
		for at := range size + 1 {
			left, err := log.LinesIn(t.Context(), stream.Range{From: 0, To: at})
			require.NoError(t, err)
			right, err := log.LinesIn(t.Context(), stream.Range{From: at, To: size + 7})
			require.NoError(t, err)
			require.Equal(t, [3]int64{0, left.To, size}, [3]int64{left.From, right.From, right.To}, "%.20q at %d", text, at)
			if at := right.From; at > 0 && at < size {
				require.Equal(t, byte('\n'), text[at-1])
			}
			within, err := log.LinesIn(t.Context(), stream.Range{From: at, To: at})
			require.NoError(t, err)
			require.Equal(t, within.From, within.To)
		}
	}
	piped, err := stream.FromReader("-", strings.NewReader("{}\n"))
	require.NoError(t, err)
	_, err = piped.LinesIn(t.Context(), stream.Range{})
	require.ErrorIs(t, err, stream.ErrNoParts)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "{}\n{}\n")
	_, err = open(t, path).LinesIn(ctx, stream.Range{From: 1, To: 4})
	require.ErrorIs(t, err, context.Canceled)
}

// What belongs to a set, what is missing in it, and what only looks like it.
func TestFindSet(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	for _, name := range []string{"log", "log.1", "log.3.gz", "log.12", "log.0", "log.01", "log.x", "log.1.zst", "logs.1", "log.-1", "log.99"} {
		write(t, filepath.Join(dir, name), "")
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "log.2"), 0o700))
	set, err := stream.FindSet(path, 20)
	require.NoError(t, err)
	require.Equal(t, []string{path + ".12", path + ".3.gz", path + ".1", path}, set.Files)
	require.Equal(t, []int{2, 4, 5, 6, 7, 8, 9, 10, 11}, set.Missing)
	require.ElementsMatch(t, []string{path + ".0", path + ".01", path + ".1.zst", path + ".99"}, set.Strange)
	byType := map[record.Type][]string{}
	for _, a := range set.Anomalies() {
		byType[a.Type] = append(byType[a.Type], a.Path)
	}
	require.Len(t, byType[record.RotationGap], 9)
	require.Equal(t, path+".2", byType[record.RotationGap][0])
	require.ElementsMatch(t, set.Strange, byType[record.OrphanedRotatedFile])
	_, err = stream.FindSet(filepath.Join(dir, "none", "log"), 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// A set is opened again when it was rotated meanwhile, but not for ever; what
// cannot be opened fails where it stands, and the rest is there.
func TestOpenSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "{}\n")
	require.NoError(t, os.Symlink("gone", path+".1")) // listed, but not there: as between two renames
	_, _, err := stream.OpenSet(t.Context(), path, 0)
	require.ErrorContains(t, err, path+": was rotated again and again")
	require.NoError(t, os.Remove(path+".1"))

	write(t, path+".2", "{}\n")
	require.NoError(t, os.Symlink(os.DevNull, path+".1"))
	log, _, err := stream.OpenSet(t.Context(), path, 0)
	require.ErrorContains(t, err, path+".1 is a device")
	defer log.Close()
	require.Len(t, log.Members(), 3)
	end, err := stream.Forward(t.Context(), log, stream.Options{})
	require.ErrorContains(t, err, "a device")
	require.EqualValues(t, 1, end.Lines)
	require.NoError(t, os.Remove(path+".1"))

	require.NoError(t, os.Remove(path)) // rotated a moment ago
	log, set, err := stream.OpenSet(t.Context(), path, 0)
	require.NoError(t, err)
	defer log.Close()
	require.Equal(t, []int{1}, set.Missing)
	require.EqualValues(t, 3, log.Size())
	require.NoError(t, os.Remove(path+".2"))
	_, _, err = stream.OpenSet(t.Context(), path, 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
