package safetext

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestShell(t *testing.T) {
	for path, want := range map[string]string{
		"events.ndjson":      "events.ndjson",
		"/var/log/a-b_1":     "/var/log/a-b_1",
		"my log.ndjson":      "'my log.ndjson'",
		"it's":               `'it'\''s'`,
		"-x":                 "./-x",
		"":                   "''",
		"~/x":                "'~/x'",
		"日本":                 "日本",
		"a\x1b[31m\n'\xff\\": `$'a\033[31m\012\'\377\\'`,
	} {
		require.Equal(t, want, Shell(path))
	}
}

// TestShellMeansThePath: a shell reads back what was meant, and a terminal
// obeys nothing of it.
func TestShellMeansThePath(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	var paths, words []string
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte().Filter(func(b byte) bool { return b != 0 }), 1, 12).Draw(t, "path")
		path := strings.TrimLeft(string(raw), "-") + rapid.SampledFrom([]string{"", "\u202e", "'", `\`, "$x", "é"}).Draw(t, "end")
		word := Shell(path)
		require.Equal(t, String(word), word)
		paths, words = append(paths, path), append(words, word)
	})
	out, err := exec.Command(bash, "-c", `printf '%s\0' `+strings.Join(words, " ")).Output()
	require.NoError(t, err)
	require.Equal(t, paths, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"))
}
