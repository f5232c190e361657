package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// limit is the longest line in these tests: no damage but an oversized line is
// longer.
const limit = 256 << 10

// place is a finding as far as the generator knows the truth about it.
type place struct {
	Type                 string
	Line, Offset, Length int64
}

// damaged makes a log and the truth about it.
func damaged(t require.TestingT, o gen.Options) ([]byte, []gen.Finding) {
	var log bytes.Buffer
	var truth []gen.Finding
	_, err := gen.Generate(&log, o, func(f gen.Finding) error {
		truth = append(truth, f)
		return nil
	})
	require.NoError(t, err)
	return log.Bytes(), truth
}

// requireTruth compares what was found with what is really there, and names the
// forms of damage that differ.
func requireTruth(t require.TestingT, log []byte, truth []gen.Finding, found []place) {
	var want []place
	for _, f := range truth {
		want = append(want, place{f.Type, f.Line, f.Offset, f.Length})
	}
	if slices.Equal(want, found) {
		return
	}
	var diff strings.Builder
	byLine := map[int64]place{}
	for _, p := range found {
		if _, twice := byLine[p.Line]; twice {
			fmt.Fprintf(&diff, "line %d is reported twice\n", p.Line)
		}
		byLine[p.Line] = p
	}
	for i, f := range truth {
		got, ok := byLine[f.Line]
		delete(byLine, f.Line)
		if !ok || got != want[i] {
			line := log[f.Offset : f.Offset+f.Length]
			fmt.Fprintf(&diff, "%s/%s: want %v, found %v: %.200q … %.80q\n", f.Type, f.Shape, want[i], got, line, line[max(0, len(line)-80):])
		}
	}
	for _, p := range byLine {
		fmt.Fprintf(&diff, "nothing is wrong with %v: %.200q\n", p, log[p.Offset:p.Offset+p.Length])
	}
	require.Fail(t, "found and truth differ", "%s\n%v\n%v", diff.String(), want, found)
}

// surveyed is what one pass finds, with all cores.
func surveyed(t require.TestingT, log []byte) []place { return surveyedTo(t, log, limit) }

func surveyedTo(t require.TestingT, log []byte, longest int) []place {
	var found []place
	src, err := stream.FromReader("-", bytes.NewReader(log))
	require.NoError(t, err)
	_, err = survey.Log(context.Background(), src, survey.Options{
		Checker: record.NewChecker(record.Options{MaxLineBytes: longest}), MaxSkew: 5e9,
		OnAnomaly: func(a record.Anomaly) { found = append(found, place{a.Type.String(), a.Line, a.Offset, a.Length}) },
	})
	require.NoError(t, err)
	return found
}

// Every small log that has a file with the truth beside it is found to be
// damaged just so, the healthy ones healthy.
func TestSurveyFindsTheTruthOfTestdata(t *testing.T) {
	const dir = "../../testdata/logs"
	truths, err := filepath.Glob(dir + "/*.truth.ndjson")
	require.NoError(t, err)
	require.Greater(t, len(truths), 20)
	for _, path := range truths {
		name := strings.TrimSuffix(filepath.Base(path), ".truth.ndjson")
		t.Run(name, func(t *testing.T) {
			longest := limit
			if name == "oversized_line" {
				longest = 1 << 10 // see testdata/README.md
			}
			log, err := os.ReadFile(filepath.Join(dir, name+".ndjson"))
			require.NoError(t, err)
			file, err := os.Open(path)
			require.NoError(t, err)
			defer file.Close()
			truth, err := gen.ReadTruth(file)
			require.NoError(t, err)
			requireTruth(t, log, truth, surveyedTo(t, log, longest))
		})
	}
	for _, name := range []string{"healthy", "minimal", "empty", "preserve", "rotated/events", "interrupted/events"} {
		log, err := os.ReadFile(filepath.Join(dir, name+".ndjson"))
		require.NoError(t, err)
		requireTruth(t, log, nil, surveyed(t, log))
	}
}

// perLog is how many damaged lines of one kind a log can hold.
func perLog(name string) int {
	if slices.Contains([]string{"byte_order_mark", "truncated_line", "missing_newline"}, name) {
		return 1
	}
	return 40
}

func TestSurveyFindsTheTruth(t *testing.T) {
	for _, name := range gen.DamageNames() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				n := perLog(name)
				if name == "oversized_line" || name == "too_deep" || name == "unreadable_by_producer" {
					n = 3
				}
				log, truth := damaged(t, gen.Options{Seed: seed, Lines: int64(3*n + 1), Damage: map[string]int{name: n}, MaxLineBytes: limit})
				requireTruth(t, log, truth, surveyed(t, log))
			}
		})
	}
	t.Run("long lines", func(t *testing.T) {
		log, truth := damaged(t, gen.Options{Lines: 2000, Long: true, Damage: map[string]int{"corrupted_line": 28, "glued_records": 40, "nul_bytes": 14}})
		requireTruth(t, log, truth, surveyed(t, log))
	})
	t.Run("any mixture", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			o := gen.Options{Seed: rapid.Uint64().Draw(t, "seed"), Damage: map[string]int{}, MaxLineBytes: limit}
			for _, name := range gen.DamageNames() {
				if name != "missing_newline" {
					o.Damage[name] = rapid.IntRange(0, min(3, perLog(name))).Draw(t, name)
				}
			}
			o.Lines = int64(rapid.IntRange(65, 300).Draw(t, "lines"))
			log, truth := damaged(t, o)
			requireTruth(t, log, truth, surveyed(t, log))
		})
	})
}
