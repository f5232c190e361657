package follow

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// world is a log, what its writers and rewriters do to it, and a follower that
// looks when it is told to.
type world struct {
	t     require.TestingT
	path  string
	r     *follower
	got   []string
	notes []string
	n     int
	races []func() // each is called once, right after lines were handed on
}

func newWorld(t require.TestingT, dir string) *world {
	w := &world{t: t, path: filepath.Join(dir, "log")}
	w.r = &follower{ctx: context.Background(), Options: Options{Path: w.path, Missing: true,
		Note: func(format string, args ...any) { w.notes = append(w.notes, fmt.Sprintf(format, args...)) },
		Print: func(log *stream.Log, lines stream.Range) error {
			if lines.To == 0 {
				lines.To = log.Size()
			}
			text := make([]byte, lines.To-lines.From)
			_, err := log.ReadAt(text, lines.From)
			w.got = append(w.got, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
			if len(w.races) > 0 {
				race := w.races[0]
				w.races = w.races[1:]
				race()
			}
			return err
		}}}
	return w
}

func (w *world) close() {
	for _, f := range []*file{w.r.cur, w.r.old} {
		if f != nil {
			f.Close()
		}
	}
}

func (w *world) look(times int) {
	for range times {
		require.NoError(w.t, w.r.look())
	}
}

func (w *world) append(path, text string) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	require.NoError(w.t, err)
	_, err = f.WriteString(text)
	require.NoError(w.t, err)
	require.NoError(w.t, f.Close())
}

// record is a line that was not there before.
func (w *world) record() string {
	w.n++
	return fmt.Sprintf("r%d\n", w.n)
}

// rewrite does what a compaction does: the lines that stay are copied to a new
// file, which takes the log's name; while the old one has a hidden one.
func (w *world) rewrite(stays func(line string) bool) {
	old, err := os.ReadFile(w.path)
	require.NoError(w.t, err)
	var kept strings.Builder
	for line := range strings.Lines(string(old)) {
		if stays(line) || !strings.HasSuffix(line, "\n") {
			kept.WriteString(line)
		}
	}
	hidden := w.path + "-hidden"
	require.NoError(w.t, os.WriteFile(hidden, []byte(kept.String()), 0o600))
	w.exchange(hidden)
}

func (w *world) hidden() string { return filepath.Join(filepath.Dir(w.path), ".log.papyra-new") }

func (w *world) exchange(with string) {
	old := w.path + "-old"
	require.NoError(w.t, os.Rename(w.path, old))
	require.NoError(w.t, os.Rename(with, w.path))
	require.NoError(w.t, os.Rename(old, w.hidden()))
}

func (w *world) rotate() {
	for n := 8; n > 0; n-- {
		_ = os.Rename(fmt.Sprint(w.path, ".", n), fmt.Sprint(w.path, ".", n+1))
	}
	require.NoError(w.t, os.Rename(w.path, w.path+".1"))
}

// Whatever happens to the log, each record comes once, in the order in which it
// was written.
func TestEachRecordOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "follow")
		require.NoError(t, err)
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		defer w.close()
		var want []string
		write := func(path string) {
			line := w.record()
			want = append(want, strings.TrimSuffix(line, "\n"))
			if rapid.Bool().Draw(t, "torn") {
				w.append(path, line[:1])
				w.look(rapid.IntRange(0, 2).Draw(t, "looks"))
				line = line[1:]
			}
			w.append(path, line)
		}
		write(w.path)
		w.look(1)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			for range rapid.IntRange(0, 5).Draw(t, "records") {
				write(w.path)
			}
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				w.look(1)
			case 1:
				w.rewrite(func(string) bool { return rapid.Bool().Draw(t, "stays") })
				w.look(rapid.IntRange(0, 3).Draw(t, "looks"))
				if rapid.Bool().Draw(t, "late") { // to the old file first, then to the new one
					named, err := os.Stat(w.path)
					require.NoError(t, err)
					gone := os.SameFile(named, w.r.cur.info) // on to the new file
					late := w.record()
					w.append(w.hidden(), late)
					if want = append(want, strings.TrimSuffix(late, "\n")); gone {
						// The new file alone brings it, behind what it got
						// meanwhile.
						want = want[:len(want)-1]
						write(w.path)
						want = append(want, strings.TrimSuffix(late, "\n"))
					} else {
						write(w.path)
					}
					w.append(w.path, late)
				}
				w.look(rapid.IntRange(2, 4).Draw(t, "looks"))
			case 2:
				w.rotate()
				if rapid.Bool().Draw(t, "late") {
					write(w.path + ".1")
				}
				if rapid.Bool().Draw(t, "absent") {
					w.look(2)
				}
				if rapid.Bool().Draw(t, "again") {
					write(w.path)
					w.rotate()
				}
				write(w.path)
				w.look(rapid.IntRange(4, 6).Draw(t, "looks"))
				if rapid.Bool().Draw(t, "later") {
					write(w.path + ".1")
					w.look(1)
				}
			case 3:
				w.look(3)
				require.NoError(t, os.Truncate(w.path, 0))
				if rapid.Bool().Draw(t, "seen") {
					w.look(1)
				}
			case 4: // a rewrite that is taken back
				w.rewrite(func(string) bool { return rapid.Bool().Draw(t, "stays") })
				write(w.path)
				w.look(rapid.IntRange(2, 4).Draw(t, "looks"))
				moved := want[len(want)-1]
				w.append(w.hidden(), moved+"\n")
				back := w.path + "-back"
				require.NoError(t, os.Rename(w.hidden(), back))
				w.exchange(back)
				write(w.path)
				w.look(rapid.IntRange(2, 4).Draw(t, "looks"))
			}
		}
		w.look(4)
		require.Equal(t, want, w.got, "%q", w.notes)
	})
}

// A writer that is late with the old file, and writes to the new one then,
// keeps its order, also if it does so while the follower goes over.
func TestLateWhileGoingOver(t *testing.T) {
	for _, rotated := range []bool{true, false} {
		w := newWorld(t, t.TempDir())
		w.append(w.path, "first\n")
		w.look(1)
		old := w.path + ".1"
		if rotated {
			w.rotate()
		} else {
			old = w.hidden()
			w.rewrite(func(string) bool { return true })
		}
		w.append(w.path, "new\n")
		w.look(1)
		w.append(old, "pending\n")
		late := func(n int) func() {
			return func() {
				w.append(old, fmt.Sprintln("old", n))
				w.append(w.path, fmt.Sprintln("new", n))
			}
		}
		if w.races = append(w.races, late(1)); rotated {
			w.races = append(w.races, late(2))
		}
		w.look(1)
		require.Empty(t, w.races)
		w.look(2)
		want := "first,pending,old 1,new,new 1"
		if rotated {
			want += ",old 2,new 2"
		}
		require.Equal(t, want, strings.Join(w.got, ","))
		w.close()
	}
}

// Lines that are alike are counted.
func TestAlike(t *testing.T) {
	for _, tt := range []struct{ old, rewritten, want string }{
		{"t t a", "t a t", "t t a t"},
		{"t t t", "t t", "t t t"}, // none, or one that looks like the one that was dropped
		{"a t b", "a b t t", "a t b t t"},
		{"t a", "a t a", "t a t a"},
	} {
		w := newWorld(t, t.TempDir())
		w.append(w.path, strings.ReplaceAll(tt.old, " ", "\n")+"\n")
		w.look(1)
		require.NoError(t, os.WriteFile(w.path+"-n", []byte(strings.ReplaceAll(tt.rewritten, " ", "\n")+"\n"), 0o600))
		w.exchange(w.path + "-n")
		w.look(3)
		require.Equal(t, tt.want, strings.Join(w.got, " "))
		w.close()
	}
}

// Of a log with more lines than are remembered, what stands before these counts
// as handed on.
func TestMoreThanRemembered(t *testing.T) {
	lines := func(from, to int) (all []string) {
		for n := from; n < to; n++ {
			all = append(all, fmt.Sprint("r", n))
		}
		return all
	}
	text := func(lines []string) string { return strings.Join(lines, "\n") + "\n" }
	for _, tt := range []struct {
		what      string
		rewritten []string
		want      []string
		note      string
	}{
		{"the oldest ones are dropped", lines(50, 210), lines(200, 210), ""},
		{"nothing but new ones", lines(200, 210), lines(200, 210), "none of its last 100 lines is left"},
		{"few old ones", lines(195, 210), lines(200, 210), ""},
		{"one that stands before is like a later one", append([]string{"r150"}, lines(20, 210)...), lines(200, 210), ""},
	} {
		w := newWorld(t, t.TempDir())
		w.append(w.path, text(lines(0, 200)))
		w.look(1)
		w.r.cur.lines = memory{sums: w.r.cur.lines.sums[100:], missing: true}
		require.NoError(t, os.WriteFile(w.path+"-n", []byte(text(tt.rewritten)), 0o600))
		w.exchange(w.path + "-n")
		w.look(3)
		require.Equal(t, tt.want, w.got[200:], tt.what)
		require.Equal(t, tt.note != "", len(w.notes) > 0, w.notes)
		require.Contains(t, strings.Join(w.notes, ""), tt.note)
		w.close()
	}
}

// The ring keeps the order of the lines.
func TestMemory(t *testing.T) {
	var m memory
	for n := range remembered + 10 {
		m.add(uint64(n))
	}
	p := newPrior(&m)
	require.False(t, p.all)
	require.False(t, p.knows(9))
	for n := 10; n < remembered+10; n += 7 {
		require.True(t, p.take(uint64(n)))
	}
	require.False(t, p.take(10))
	require.True(t, p.take(remembered+9))
	require.True(t, p.done())
}
