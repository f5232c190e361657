package repair

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
)

// The producer rotates after each file that was repaired, so that the files get
// the names of each other: in the end every one of them is whole, whatever it
// is called, and none has lost a record.
func TestSetThatIsRotatedMeanwhile(t *testing.T) {
	const good = `{"kind":"event","timestamp":1710000000,"n":%}` + "\n"
	path := filepath.Join(t.TempDir(), "events.ndjson")
	name := func(n string) string { return path + n }
	text := func(n string) string { return strings.Replace(good, "%", n, 1) + strings.Replace(good, "%", n+"0", 1) }
	put := func(name, n string) { require.NoError(t, os.WriteFile(name, []byte(text(n)+"damaged\n"), 0o600)) }
	put(name(".2"), "1")
	put(name(".1"), "2")
	put(path, "3")
	var out strings.Builder
	env := &cli.Env{Ctx: t.Context(), Stdout: &out, Stderr: io.Discard, Now: time.Now, Getenv: func(string) string { return "" }}
	parser, err := cli.NewParser(env, "papyra-repair", Step.Description, Step.New())
	require.NoError(t, err)
	ctx, err := parser.Parse([]string{"--offline", "--linger", "1ms", "--no-ledger", "--settle", "0s", "--rotated", path})
	require.NoError(t, err)
	c, ok := ctx.Model.Target.Addr().Interface().(*Command)
	require.True(t, ok)
	rotations := 0
	err = c.set(env, path, func(f *fileReport) error {
		require.NoError(t, f.Err)
		if rotations++; rotations > 3 {
			return nil
		}
		for _, n := range []string{".4", ".3", ".2", ".1", ""} { // of the producer
			next := map[string]string{".4": ".5", ".3": ".4", ".2": ".3", ".1": ".2", "": ".1"}[n]
			if _, err := os.Stat(name(n)); err == nil {
				require.NoError(t, os.Rename(name(n), name(next)))
			}
		}
		put(path, string(rune('3'+rotations)))
		return nil
	})
	require.NoError(t, err)
	for i, n := range []string{".5", ".4", ".3", ".2", ".1", ""} {
		got, err := os.ReadFile(name(n))
		require.NoError(t, err)
		require.Equal(t, text(string(rune('1'+i))), string(got), "events.ndjson%s", n)
	}
}
