package survey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// broken are the links of a log that are wrong, by a map of all its ids.
func broken(lines []string) (want []string) {
	type row struct{ UUID, ParentUUID any }
	rows, first := make([]row, len(lines)), map[any]int{}
	for i, line := range lines {
		if json.Unmarshal([]byte(line), &rows[i]) == nil && rows[i].UUID != nil && first[rows[i].UUID] == 0 {
			first[rows[i].UUID] = i + 1
		}
	}
	for i, r := range rows {
		if r.UUID != nil && first[r.UUID] != i+1 {
			want = append(want, fmt.Sprintf("%d duplicate_id the id is that of line %d", i+1, first[r.UUID]))
		}
		if r.ParentUUID != nil && first[r.ParentUUID] == 0 {
			want = append(want, fmt.Sprintf("%d broken_link the record refers to an id that is not in the log", i+1))
		}
	}
	return want
}

// Whatever ids and references there are, in blocks of any size, those that are
// wrong are found, in the order of the log, also if the ids wait in a file.
func TestLinks(t *testing.T) {
	transcript, err := record.Preset("transcript")
	require.NoError(t, err)
	checker := record.NewChecker(record.Options{Profile: transcript})
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.SampledFrom([]string{"null", `"a"`, `"b"`, `"c"`, `"\u0061"`, `"d\"\\"`, "7", `"7"`})
		line := rapid.Custom(func(rt *rapid.T) string {
			if rapid.IntRange(0, 9).Draw(rt, "damage") == 0 {
				return `{"uuid":"a` // no record, and no id
			}
			return fmt.Sprintf(`{"type":"user","uuid":%s,"parentUuid":%s}`, id.Draw(rt, "id"), id.Draw(rt, "parent"))
		})
		lines := rapid.SliceOfN(line, 0, 30).Draw(rt, "lines")
		log, err := stream.FromReader("-", strings.NewReader(strings.Join(append(lines, ""), "\n")))
		require.NoError(rt, err)
		res, err := survey.Log(context.Background(), log, survey.Options{Checker: checker, Links: true, BlockBytes: rapid.IntRange(1, 200).Draw(rt, "block")})
		require.NoError(rt, err)
		var got []string
		for _, a := range res.Anomalies {
			if a.Type == record.DuplicateID || a.Type == record.BrokenLink {
				got = append(got, fmt.Sprintf("%d %s %s", a.Line, a.Type, a.Reason))
				require.Equal(rt, offset(lines, a.Line), a.Offset)
				require.Equal(rt, int64(len(lines[a.Line-1])), a.Length)
			}
		}
		require.Equal(rt, broken(lines), got)
	})
}

func offset(lines []string, line int64) (n int64) {
	for _, l := range lines[:line-1] {
		n += int64(len(l)) + 1
	}
	return n
}

// Ids that could be saved from damage are in the log, and what has none is left
// alone.
func TestLinksOfDamage(t *testing.T) {
	text := `{"type":"user","uuid":"a"}{"type":"user","uuid":"b"}` + "\n" +
		`{"type":"user","uuid":"c","parentUuid":"a"}` + "\n" + `{"type":"user","uuid":"d","parentUuid":"b"}` + "\n" + `{"type":"user"}` + "\n"
	transcript, err := record.Preset("transcript")
	require.NoError(t, err)
	for profile, want := range map[*record.Profile]int64{transcript: 0, record.Papyra(): 0} {
		log, err := stream.FromReader("-", strings.NewReader(text))
		require.NoError(t, err)
		res, err := survey.Log(t.Context(), log, survey.Options{Checker: record.NewChecker(record.Options{Profile: profile}), Links: true})
		require.NoError(t, err)
		require.Equal(t, want, res.Counts["broken_link"]+res.Counts["duplicate_id"])
	}
}

// Of a log with far more ids than the memory takes, the ids wait in a file.
func TestLinksWaitInAFile(t *testing.T) {
	transcript, err := record.Preset("transcript")
	require.NoError(t, err)
	const n = 30_000
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"type":"user","uuid":"%d","parentUuid":"%d"}`+"\n", i%(n-3), i+1)
	}
	o := survey.Options{Checker: record.NewChecker(record.Options{Profile: transcript}), Links: true, LinksBytes: 1, Workers: 2}
	look := func() (*survey.Result, error) {
		log, err := stream.FromReader("-", strings.NewReader(text.String()))
		require.NoError(t, err)
		return survey.Log(t.Context(), log, o)
	}
	res, err := look()
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"duplicate_id": 3, "broken_link": 4}, res.Counts)
	if runtime.GOOS == "windows" {
		return
	}
	t.Setenv("TMPDIR", "/nowhere")
	res, err = look()
	require.ErrorContains(t, err, "hold the ids of a log in a temporary file")
	require.NotEmpty(t, res.Failure)
	require.False(t, res.Healthy)
}
