package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An output is refused where it is an input, by whatever name, whether the file
// exists or not, and where it is another output.
func TestGuard(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(log, nil, 0o600))
	require.NoError(t, os.Link(log, filepath.Join(dir, "hard")))
	require.NoError(t, os.Symlink(log, filepath.Join(dir, "soft")))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "again")))
	none := filepath.Join(dir, "none.ndjson")
	for _, tt := range []struct {
		out, in string
		same    bool
	}{
		{log, log, true},
		{dir + "/./x/../events.ndjson", log, true},
		{filepath.Join(dir, "hard"), log, true},
		{filepath.Join(dir, "soft"), log, true},
		{dir + "/again/events.ndjson", log, true},
		{none, none, true},
		{dir + "/again/none.ndjson", none, true},
		{none, log, false},
		{log, none, false},
		{log + "2", log + "3", false},
	} {
		env := &Env{outputs: []output{{flag: "--rejects", file: tt.out}}}
		err := env.Guard(tt.in)
		two := (&Env{outputs: []output{{flag: "--html", file: tt.in}, {flag: "--rejects", file: tt.out}}}).checkOutputs()
		if !tt.same {
			require.NoError(t, err, tt)
			require.NoError(t, two, tt)
			continue
		}
		require.ErrorContains(t, err, "--rejects "+tt.out+" is the input "+tt.in, tt)
		require.ErrorContains(t, two, "are one file", tt)
	}
}

func TestGuardStdin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	env := &Env{StdinFile: f, outputs: []output{{flag: "--rejects", file: path}}}
	require.ErrorContains(t, env.guardStdin(), "is the standard input")
	env.outputs[0].replaced = true
	env.Prog = "papyra-compact"
	require.ErrorContains(t, env.guardStdin(), "papyra-compact "+path+" replaces it")
}
