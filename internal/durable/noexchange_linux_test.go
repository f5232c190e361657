package durable_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// TestWithoutExchange: where two names cannot be exchanged, what was appended
// before the rename and by a writer that has the old file open across it is
// brought over, durably.
func TestWithoutExchange(t *testing.T) {
	fs, m := world(scenario{noSwap: true})
	early, across := record("early", 300), record("across", 200)
	script := newScript(fs, m,
		&actor{lines: []string{early}, when: [4]string{"Exchange#0"}, sync: true},
		&actor{lines: []string{across}, when: [4]string{"Rename#0", "", "Sleep#0"}, sync: true})
	fs.Hook = func(op simfs.Op) {
		script.before(op)
		if op.Name == "Sleep" { // the old file has no name any more
			fs.Crashes(func(lost *simfs.FS) {
				got, _ := lost.Get(simLog)
				require.Contains(t, got, early)
			})
		}
	}
	o := simOptions(fs)
	o.AllowRace = true
	_, err := simRewrite(context.Background(), o)
	require.NoError(t, err)
	require.Len(t, m.safe, 2, "both were written")
	want := strings.Join(newLines, "") + early + across
	got, _ := fs.Get(simLog)
	require.Equal(t, want, got)
	fs.Crashes(func(lost *simfs.FS) {
		got, _ := lost.Get(simLog)
		require.Equal(t, want, got, "after a power loss")
	})
	require.Equal(t, []string{simLog}, fs.Files())
}

// A log that is cut just before the rename is left to whoever cut it.
func TestCutWithoutExchange(t *testing.T) {
	fs, _ := world(scenario{noSwap: true})
	fs.Hook = func(op simfs.Op) {
		if op.Name == "Exchange" {
			fs.Cut(simLog, 0)
		}
	}
	o := simOptions(fs)
	o.AllowRace = true
	_, err := simRewrite(context.Background(), o)
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	got, _ := fs.Get(simLog)
	require.Empty(t, got)
	require.Equal(t, []string{simLog}, fs.Files())
}

// What somebody puts under our hidden name in the middle of a swap is not
// removed.
func TestStrangerUnderTheHiddenName(t *testing.T) {
	path := newLog(t, "a\nb\n")
	hidden := filepath.Join(filepath.Dir(path), ".events.ndjson.papyra-new")
	fs, o := besieged()
	fs.before["Remove#0"] = func() { t.Error("removed") }
	fs.before["Mounts#2"] = func() {
		require.NoError(t, os.Rename(hidden, hidden+".kept"))
		require.NoError(t, os.WriteFile(hidden, []byte("stranger\n"), 0o600))
		fs.mounts = true
	}
	_, err := rewrite(t.Context(), path, o, "b\n", 4)
	var left *durable.UnfinishedError
	require.ErrorAs(t, err, &left)
	require.Equal(t, "b\n", read(t, path))
	require.Equal(t, "stranger\n", read(t, hidden))
	require.Equal(t, "a\nb\n", read(t, hidden+".kept"))
}
