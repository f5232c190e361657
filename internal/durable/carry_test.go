package durable

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func openBoth(t testing.TB, dir, src, dst string) (File, File) {
	var files [2]File
	for i, content := range []string{src, dst} {
		name := filepath.Join(dir, string(rune('a'+i)))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		f, err := OS().OpenFile(name, os.O_RDWR, 0)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		files[i] = f
	}
	return files[0], files[1]
}

func content(t testing.TB, f File) string {
	data, err := os.ReadFile(f.(*osFile).Name())
	require.NoError(t, err)
	return string(data)
}

// Pieces are whole lines, also where one line is longer than a piece.
func TestCarryLongLines(t *testing.T) {
	var src strings.Builder
	for _, n := range []int{10, pieceBytes + 5, 3, 2 * pieceBytes, pieceBytes - 1, pieceBytes, 7} {
		src.WriteString(strings.Repeat("z", n))
		src.WriteByte('\n')
	}
	tail := strings.Repeat("u", pieceBytes+1)
	from, to := openBoth(t, t.TempDir(), src.String()+tail, "kept\n")
	c := &carrier{fs: OS(), src: from, dst: to, dstEnd: 5}
	require.NoError(t, c.all(true))
	require.Equal(t, "kept\n"+src.String(), content(t, to))
	for _, p := range c.placed {
		require.True(t, p.To == int64(src.Len()) || src.String()[p.To-1] == '\n')
	}
	require.NoError(t, c.all(false))
	require.Equal(t, "kept\n"+src.String()+tail, content(t, to))
	require.EqualValues(t, src.Len()+len(tail), c.carried)
}

// What is written to is a file.
func TestOpenForNoDirectory(t *testing.T) {
	_, _, err := (&Session{fs: OS()}).openFor(t.TempDir())
	require.ErrorIs(t, err, errMoved)
}

// What others append to the target between our pieces stays whole, and so do
// our lines.
func TestCarryAmongOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		from, to := openBoth(t, dir, "", "")
		c := &carrier{fs: OS(), src: from, dst: to}
		var ours, theirs []string
		add := func(f File, list *[]string, prefix string) {
			line := prefix + rapid.StringMatching(`[a-z]{0,20}`).Draw(rt, "line") + "\n"
			_, _, err := f.Append([]byte(line))
			require.NoError(t, err)
			*list = append(*list, line)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				add(from, &ours, "ours ")
			case 1:
				add(to, &theirs, "theirs ")
			case 2: // a writer that died in the middle of a line
				_, _, err := to.Append([]byte("torn"))
				require.NoError(t, err)
			case 3:
				require.NoError(t, c.all(true))
			}
		}
		require.NoError(t, c.all(false))
		var got []string
		for line := range strings.Lines(content(t, to)) {
			if strings.HasPrefix(line, "ours ") {
				got = append(got, line)
			}
		}
		require.Equal(t, ours, got)
		for _, line := range theirs {
			require.Contains(t, content(t, to), line)
		}
	})
}

// A journal is read up to its first record that is not whole, whatever was
// damaged.
func TestJournalStopsAtDamage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), "journal")
		b := base{Old: 7, New: 9, Copied: 11, Length: 13, Quarantine: []byte(strings.Repeat("q/\xff", rapid.IntRange(0, 600).Draw(rt, "path")))}
		j, err := createJournal(OS(), path, b)
		require.NoError(t, err)
		ends := []int64{j.off}
		var places []place
		for i := range rapid.IntRange(0, 5).Draw(rt, "places") {
			p := place{From: int64(i), To: int64(i + 1), At: int64(i * 100), Back: i%2 == 1, Newline: i%3 == 1}
			require.NoError(t, j.add(entry{Place: &p}))
			places, ends = append(places, p), append(ends, j.off)
		}
		require.NoError(t, j.close())
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		at := rapid.IntRange(0, len(data)-1).Draw(rt, "damage at")
		if rapid.Bool().Draw(rt, "cut") {
			data = data[:at]
		} else {
			data[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		}
		require.NoError(t, os.WriteFile(path, data, 0o600))
		f, err := OS().OpenFile(path, os.O_RDONLY, 0)
		require.NoError(t, err)
		defer f.Close()
		told, err := readJournal(f)
		if err != nil { // the damage made another version of it
			require.Less(t, at, len(journalMagic))
			return
		}
		gotBase, got, end, ok := told.base, told.places, told.end, told.valid
		whole := 0 // records before the damage
		for whole < len(ends) && ends[whole] <= int64(at) {
			whole++
		}
		if !ok {
			require.Zero(t, whole)
			return
		}
		require.Equal(t, b.Old, gotBase.Old)
		require.True(t, bytes.Equal(b.Quarantine, gotBase.Quarantine))
		require.GreaterOrEqual(t, len(got), whole-1)
		require.Equal(t, append([]place{}, places[:len(got)]...), append([]place{}, got...))
		require.Equal(t, ends[len(got)], end)
	})
}
