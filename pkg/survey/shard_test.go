package survey_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Wherever a log is cut in three, what is found in the parts is put together as
// one pass finds it.
func TestPartsAreTheWhole(t *testing.T) {
	damaged := "\xef\xbb\xbf" + strings.Join([]string{`{"kind":"event","timestamp":100}`, `{"kind":"event","timestamp":50}`, ``,
		`{"kind":"x","timestamp":200}`, `{"kind":"x","timestamp":20}`, `{"timestamp":300}`, `{"kind":"metric"}`,
		`{"kind":"event","ti{"kind":"event","timestamp":5}`, "\x00\x00{\"kind\":\"audit\",\"timestamp\":1}", `{"kind":"event","timesta`}, "\n")
	foreign := strings.Repeat(`{"level":30,"time":1531171074631,"msg":"hello"}`+"\n", 3)
	split := `{"kind":"event","timestamp":1}` + "\n" + `{"kind":"event","note":"one` + "\n\n" + `two \"three\"` + "\n" + `four","timestamp":2}` + "\n" +
		`{"kind":"event","note":"never ends` + "\n" + `{"kind":"event","timestamp":3}` + "\n" + `{"kind":"event","x":"a` + "\n" + `b","timestamp":4}` + "\n"
	path := filepath.Join(t.TempDir(), "log")
	for _, text := range []string{damaged, damaged + "\n", foreign, "\n", `{"kind":"event","timestamp":1}`, split, damaged + "\n" + split} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		for _, most := range []int{2, 100} {
			o := survey.Options{MaxAnomalies: most, Verbose: true, Repair: true, Checker: record.NewChecker(record.Options{})}
			want, err := survey.File(t.Context(), path, o)
			require.NoError(t, err)
			want.Elapsed = 0
			for one := 0; one < len(text); one += 7 {
				for two := one + 1; two < len(text); two += 31 {
					require.Equal(t, want, inParts(t, path, o, one, two), "cut at %d and %d", one, two)
				}
			}
		}
	}
}

func inParts(t *testing.T, path string, o survey.Options, borders ...int) *survey.Result {
	var all *survey.Result
	from := int64(0)
	for i := 0; i <= len(borders); i++ {
		to := int64(0) // the end
		if i < len(borders) {
			to = int64(borders[i])
		}
		if to == from && i < len(borders) {
			continue
		}
		log, err := stream.Open(t.Context(), path)
		require.NoError(t, err)
		r, err := survey.Part(t.Context(), log, o, survey.Shard{From: from, To: to, Host: "here"})
		require.NoError(t, err)
		require.NoError(t, log.Close())
		if from = to; all == nil {
			all = r
		} else {
			all.Join(r, o.MaxAnomalies)
		}
	}
	all.Whole(o.MaxAnomalies)
	all.Elapsed = 0
	return all
}

// What a repair would save of damaged lines, by hand: a record of the glued
// line, and those that raw newlines have cut.
func TestRepair(t *testing.T) {
	text := `{"kind":"event","ti{"kind":"event","timestamp":5}` + "\n\n" + `no JSON` + "\n" +
		`{"kind":"event","note":"one` + "\n" + `two","timestamp":2}` + "\n" + `{"kind":"event","timestamp":3}` + "\n"
	r := look(t, []byte(text), survey.Options{Repair: true})
	require.Equal(t, &survey.Repair{Damaged: 4, Saved: 1, Lost: 3, Rejoined: 1}, r.Repair)
	var types []record.Type
	for _, a := range r.Anomalies {
		types = append(types, a.Type)
	}
	require.Equal(t, []record.Type{record.GluedRecords, record.BlankLine, record.CorruptedLine, record.SplitRecord}, types)
	require.Equal(t, int64(strings.Index(text, `{"kind":"event","note"`)), r.Anomalies[3].Offset)
	require.EqualValues(t, len(`{"kind":"event","note":"one`+"\n"+`two","timestamp":2}`), r.Anomalies[3].Length)
	require.EqualValues(t, 1, look(t, []byte(text), survey.Options{}).Records)
	require.Nil(t, look(t, []byte(text), survey.Options{}).Repair)
}

// A part that lies beyond the log is an error, and no healthy result.
func TestPartBeyondTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
	log, err := stream.Open(t.Context(), path)
	require.NoError(t, err)
	defer log.Close()
	r, err := survey.Part(t.Context(), log, survey.Options{}, survey.Shard{From: 3})
	require.Error(t, err)
	require.NotEmpty(t, r.Failure)
	require.False(t, r.Healthy)
}
