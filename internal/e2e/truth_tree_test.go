package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// In a tree of transcripts with every damage that is known of such, a scan
// finds what is there and nothing else, and a repair keeps what can be kept.
func TestSurveyFindsTheTruthOfATree(t *testing.T) {
	transcript, err := record.Preset("transcript")
	require.NoError(t, err)
	check := record.NewChecker(record.Options{Profile: transcript})
	for seed := range uint64(3) {
		dir := filepath.Join(t.TempDir(), "tree")
		o := gen.TreeOptions{Seed: seed, Files: 60, Bytes: 3 << 20, Damage: map[string]int{}}
		for _, name := range gen.TreeDamageNames() {
			o.Damage[name] = 20
		}
		truth := map[string][]gen.Finding{}
		sum, err := gen.Tree(dir, o, func(f gen.Finding) error {
			truth[f.Path] = append(truth[f.Path], f)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, int64(20*len(o.Damage)), sum.Damaged)
		files, err := filepath.Glob(filepath.Join(dir, "*", "*.jsonl"))
		require.NoError(t, err)
		require.Len(t, files, o.Files)
		for _, name := range files {
			path, err := filepath.Rel(dir, name)
			require.NoError(t, err)
			truth := truth[filepath.ToSlash(path)]
			log, err := os.ReadFile(name)
			require.NoError(t, err)
			res, err := survey.File(t.Context(), name, survey.Options{Checker: check, Links: true, MaxSkew: 1 << 40})
			require.NoError(t, err)
			var found []place
			for _, a := range res.Anomalies {
				found = append(found, place{a.Type.String(), a.Line, a.Offset, a.Length})
			}
			requireTruth(t, log, truth, found)

			want, err := gen.Repaired(log, truth)
			require.NoError(t, err)
			require.Equal(t, string(want), repairedBy(t, log, mend.Options{Checker: check}))
			// Joined, a record is that which the generator has cut.
			want, err = gen.Rejoined(log, truth)
			require.NoError(t, err)
			require.Equal(t, string(want), repairedBy(t, log, mend.Options{Checker: check, Rejoin: true}))
		}
	}
}

func repairedBy(t *testing.T, log []byte, o mend.Options) string {
	var out bytes.Buffer
	_, err := mend.Repair(t.Context(), stream.FromReaderAt("log", bytes.NewReader(log), int64(len(log))), &out, o)
	require.NoError(t, err)
	return out.String()
}
