package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	papyra "github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

func TestLedgers(t *testing.T) {
	path := newLog(t, "a\n")
	dir := filepath.Dir(path)
	for _, name := range []string{"events.ndjson.repair-99.ledger", "events.ndjson.repair-1700.ledger", "events.ndjson.repair-800.ledger",
		"events.ndjson.repair-x.ledger", "other.repair-9999.ledger", "events.ndjson.repair-7.ledger.gz"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	found, err := durable.Ledgers(link)
	require.NoError(t, err)
	var names []string
	for _, f := range found {
		require.Equal(t, dir, filepath.Dir(f))
		names = append(names, filepath.Base(f))
	}
	require.Equal(t, []string{"events.ndjson.repair-1700.ledger", "events.ndjson.repair-800.ledger", "events.ndjson.repair-99.ledger"}, names,
		"the newest first, by number")
	_, err = durable.Ledgers(path + ".none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// What killed rewrites left is a finding; that it cannot be looked for is a
// failure, and never health.
func TestBeside(t *testing.T) {
	path := newLog(t, "a\n")
	for name, reason := range map[string]string{".events.ndjson.papyra-new": "the next repair or compact finishes or undoes it",
		"events.ndjson.compact.tmp": "the producer's own rewrite was killed"} {
		name := filepath.Join(filepath.Dir(path), name)
		require.NoError(t, os.WriteFile(name, []byte("left"), 0o600))
		res := survey.Empty(path)
		res.Healthy = true
		durable.Beside(res, 10)
		require.False(t, res.Healthy)
		require.Len(t, res.Anomalies, 1)
		require.Equal(t, papyra.InterruptedRewrite, res.Anomalies[0].Type)
		require.Equal(t, name, res.Anomalies[0].Path)
		require.EqualValues(t, 4, res.Anomalies[0].Length)
		require.Contains(t, res.Anomalies[0].Reason, reason)
		require.NoError(t, os.Remove(name))
	}
	res := survey.Empty(filepath.Join(path, "below"))
	res.Healthy = true
	durable.Beside(res, 10)
	require.False(t, res.Healthy)
	require.Contains(t, res.Failure, "look for interrupted rewrites")
	gone := filepath.Join(filepath.Dir(path), "gone")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), ".gone.papyra-journal"), nil, 0o600))
	found, err := durable.Interrupted(gone)
	require.NoError(t, err)
	require.Len(t, found, 1, "also of a log that is not there")
}
