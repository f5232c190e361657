package durable_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// evidence is what is kept in a directory, by name.
func evidence(fs *simfs.FS, dir string) map[string]string {
	all := map[string]string{}
	for name, text := range filesOf(fs) {
		if filepath.Dir(name) == dir && name != simLog {
			all[name] = text
		}
	}
	return all
}

// A rewrite that keeps the original is killed before each operation. The log is
// then as it was, and nothing is left of the rewrite; or it is new, and the
// original is there whole. Who is not told of the directory removes no copy
// from it: a journal may be forged.
func TestKilledWithQuarantine(t *testing.T) {
	was, is := strings.Join(oldLines, ""), strings.Join(newLines, "")
	for _, c := range []struct {
		name, dir string
		otherwise error // what a link comes to
	}{
		{"one more name", evil, nil},
		{"another mount", evil, syscall.EXDEV},
		{"another device", farAway, nil},
	} {
		for _, told := range []string{c.dir, "", filepath.Join(simDir, "elsewhere")} {
			ends := map[string]int{}
			for k, hit := 0, true; hit; k++ {
				hit = false
				fs, _ := world(scenario{})
				fs.Fault = func(op simfs.Op) (f simfs.Fault) {
					if op.Name == "Link" && filepath.Dir(op.Path) == c.dir {
						f.Err = c.otherwise
					}
					return f
				}
				at := ""
				fs.Hook = func(op simfs.Op) {
					if op.N == k {
						hit, at = true, c.name+": "+op.Name+" "+op.Path
						fs.Die()
					}
				}
				o := simOptions(fs)
				o.QuarantineDir = c.dir
				_, _ = simRewrite(context.Background(), o)
				fs.Hook, fs.Fault = nil, nil
				fs.Restart()
				o.QuarantineDir = told
				s, err := durable.Begin(t.Context(), simLog, o)
				require.NoError(t, err, at)
				var left []string
				for _, r := range s.Recovered() {
					left = append(left, r.Left...)
				}
				require.NoError(t, s.Close())
				text, kept := content(fs, simLog), evidence(fs, c.dir)
				ends[map[bool]string{true: "old", false: "new"}[text == was]]++
				for _, name := range left {
					require.Contains(t, kept, name, at)
				}
				if text == is {
					require.Equal(t, map[string]string{quarantined(kept): was}, kept, at)
					require.Empty(t, left, at)
					continue
				}
				require.Equal(t, was, text, at)
				if told == c.dir || c.name == "one more name" {
					require.Empty(t, kept, at)
				} else {
					ends["left"] += len(left)
					require.True(t, len(kept) == 0 || len(left) == 1, "%s: %v, told of %v", at, kept, left)
				}
			}
			require.NotZero(t, ends["old"])
			require.NotZero(t, ends["new"])
			require.Equal(t, c.name != "one more name" && told != c.dir, ends["left"] > 0, "%s: %v", c.name, ends)
		}
	}
}

// quarantined is the only name among the evidence.
func quarantined(kept map[string]string) (name string) {
	for name = range kept {
	}
	return name
}

// The log is rotated, or another one takes its name, just before the original
// gets its second name: nothing is kept that is not the original.
func TestQuarantineOfTheRightFile(t *testing.T) {
	for _, dir := range []string{evil, farAway} {
		fs, _ := world(scenario{})
		const other = "another\n"
		at := "Link#0"
		if dir == farAway {
			at = "CopyFrom#0"
		}
		when(fs, at, func(simfs.Op) {
			fs.MoveAway(simLog, simLog+".1")
			fs.Put(simLog, other)
		})
		o := simOptions(fs)
		o.QuarantineDir = dir
		_, err := simRewrite(t.Context(), o)
		require.Error(t, err, dir)
		require.Equal(t, map[string]string{simLog: other, simLog + ".1": strings.Join(oldLines, "")}, filesOf(fs), dir)
	}
}
