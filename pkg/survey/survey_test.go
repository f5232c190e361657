package survey_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

func look(t require.TestingT, text []byte, o survey.Options) *survey.Result {
	src, err := stream.FromReader("-", bytes.NewReader(text))
	require.NoError(t, err)
	r, err := survey.Log(context.Background(), src, o)
	require.NoError(t, err)
	r.Elapsed = 0
	return r
}

// On one core and on several, a log of several blocks tells the same.
func TestSerialAndParallelTellTheSame(t *testing.T) {
	damage := map[string]int{}
	for _, name := range gen.DamageNames() {
		if name != "oversized_line" && name != "missing_newline" {
			damage[name] = 2
		}
	}
	damage["truncated_line"], damage["byte_order_mark"] = 1, 1
	for seed := range uint64(4) {
		var log bytes.Buffer
		_, err := gen.Generate(&log, gen.Options{Seed: seed, Lines: 5000, Damage: damage}, nil)
		require.NoError(t, err)
		o := survey.Options{MaxSkew: 5 * time.Second, Verbose: true, Workers: 1}
		serial := look(t, log.Bytes(), o)
		o.Workers = 4
		require.Equal(t, serial, look(t, log.Bytes(), o))
		require.Greater(t, serial.Errors, int64(20))
	}
}

// A record whose predecessor stands in an earlier block is compared with it.
func TestRegressionAcrossBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 60).Draw(t, "times")
		pad := strings.Repeat("x", rapid.SampledFrom([]int{0, 5000, 20000}).Draw(t, "pad"))
		var log strings.Builder
		var want []int64
		for i, at := range times {
			fmt.Fprintf(&log, `{"kind":"event","timestamp":%d,"pad":"%s"}`+"\n", at, pad)
			if i > 0 && at < times[i-1]-5 {
				want = append(want, int64(i+1))
			}
		}
		var got []int64
		for _, a := range look(t, []byte(log.String()), survey.Options{MaxSkew: 5 * time.Second}).Anomalies {
			require.Equal(t, record.TimestampRegression, a.Type)
			got = append(got, a.Line)
		}
		require.Equal(t, want, got)
	})
}

func writeLog(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const rec = `{"kind":"event","timestamp":1}`

// A last line that grows while it is looked at is in flight; one that does not
// is damage.
func TestTail(t *testing.T) {
	path := writeLog(t, rec+"\n"+`{"kind":"ev`)
	r, err := survey.File(context.Background(), path, survey.Options{})
	require.NoError(t, err)
	require.Nil(t, r.InFlight)
	require.Equal(t, map[string]int64{"truncated_line": 1}, r.Counts)
	require.Equal(t, int64(2), r.Lines)

	// The writer goes on once the pass has reached the tail: what it sees there
	// makes OnProgress run, after the decision, so the growth is made to happen
	// before it by a writer that never stops.
	stop, stopped := make(chan struct{}), make(chan struct{})
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				f.WriteString("e")
				time.Sleep(time.Millisecond)
			}
		}
	}()
	r, err = survey.File(context.Background(), path, survey.Options{Settle: time.Minute})
	close(stop)
	<-stopped
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NotNil(t, r.InFlight)
	require.Equal(t, int64(len(rec)+1), r.InFlight.Offset)
	require.True(t, r.Healthy)
	require.Equal(t, int64(1), r.Records)
}

// A file that changes other than by growing has no verdict.
func TestChangedDuringScan(t *testing.T) {
	changes := map[string]func(path string) error{
		"shrank":   func(path string) error { return os.Truncate(path, 10) },
		"emptied":  func(path string) error { return os.Truncate(path, 0) },
		"removed":  os.Remove,
		"replaced": func(path string) error { return os.Rename(path+".other", path) },
		"rewritten": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("{\"kind\":\"metric\",\"timestamp\":2}\n", 30000)), 0o600)
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			path := writeLog(t, strings.Repeat(rec+"\n", 20000))
			require.NoError(t, os.WriteFile(path+".other", []byte(rec+"\n"), 0o600))
			done := false
			r, err := survey.File(context.Background(), path, survey.Options{Workers: 1, OnProgress: func(int64) {
				if !done {
					done = true
					require.NoError(t, change(path))
				}
			}})
			var changed *stream.ChangedError
			require.ErrorAs(t, err, &changed)
			require.False(t, r.Healthy)
			require.NotEmpty(t, r.Failure)
			require.Equal(t, int64(1), r.Counts["changed_during_scan"])
		})
	}
}

// Records before the place where a gzip file was cut off are read; then the
// cut is reported with both offsets.
func TestTruncatedGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 20000 {
		fmt.Fprintf(z, `{"kind":"event","timestamp":%d,"n":%d}`+"\n", i, i*7919)
	}
	require.NoError(t, z.Close())
	path := writeLog(t, packed.String()[:packed.Len()/2])
	r, err := survey.File(context.Background(), path, survey.Options{})
	var cut *stream.DecompressError
	require.ErrorAs(t, err, &cut)
	require.Equal(t, "gzip", r.Compression)
	require.Greater(t, r.Records, int64(5000))
	require.Zero(t, r.Errors)
	require.False(t, r.Healthy)
	require.Equal(t, int64(packed.Len()/2), cut.Offset)
	require.Equal(t, r.Bytes, cut.TextOffset)
	require.Contains(t, r.Failure, "truncated")
}

// A hole of a gigabyte costs neither memory nor time, and what stands on its
// line makes one damaged line with it.
func TestHole(t *testing.T) {
	path := writeLog(t, rec+"\n")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	const hole = 1 << 30
	at := int64(len(rec) + 1)
	_, err = f.WriteAt([]byte(rec+"\n"), at+hole)
	require.NoError(t, err)
	r, err := survey.File(context.Background(), path, survey.Options{})
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Records, "a record behind NUL bytes on its line is to be salvaged")
	require.Equal(t, at+hole+int64(len(rec))+1, r.Bytes)
	require.Len(t, r.Anomalies, 1)
	a := r.Anomalies[0]
	require.Equal(t, record.NULBytes, a.Type)
	require.Equal(t, at, a.Offset)
	require.Equal(t, int64(hole+len(rec)), a.Length)
	require.Equal(t, at, a.ErrorOffset)
	require.Equal(t, int64(2), a.Line)
	require.Equal(t, int64(2), r.Lines)
}

// Of more kinds than are told apart, the first ones are counted exactly and the
// others together, on any number of cores and in blocks of any size.
func TestKindsAreBounded(t *testing.T) {
	var log strings.Builder
	want := map[string]int64{}
	for i := range 9000 {
		kind := i * i % 3001 // each of some 1,500 comes about six times
		fmt.Fprintf(&log, `{"kind":"k%d","timestamp":1}`+"\n", kind)
		name := fmt.Sprintf("k%d", kind)
		if _, ok := want[name]; !ok && i >= kinds.MaxNames {
			name = kinds.More
		}
		want[name]++
	}
	require.Len(t, want, kinds.MaxNames+1)
	for _, workers := range []int{1, 4} {
		for _, block := range []int{0, 100, 5000} {
			r := look(t, []byte(log.String()), survey.Options{Workers: workers, BlockBytes: block, MaxAnomalies: -1})
			require.Equal(t, want, r.Kinds, "%d cores, blocks of %d", workers, block)
		}
	}
}

// A log that is not there yet is told from one of which nothing can be said.
func TestFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	r, err := survey.File(t.Context(), filepath.Join(dir, "log"), survey.Options{})
	require.NoError(t, err)
	require.True(t, r.Missing)
	require.True(t, r.Healthy)
	require.EqualValues(t, -1, r.SizeBytes)
	for _, path := range []string{dir, filepath.Join(dir, "none", "log")} {
		r, err = survey.File(t.Context(), path, survey.Options{})
		require.Error(t, err)
		require.Equal(t, err.Error(), r.Failure)
		require.False(t, r.Healthy || r.Missing)
	}
}

// The files of a set are compared across their borders, also over a file of
// which no record has a time.
func TestSeries(t *testing.T) {
	var s survey.Series
	at := func(second int) string { return fmt.Sprintf(`{"kind":"event","timestamp":%d}`+"\n", second) }
	for i, tt := range []struct {
		text string
		back int64
	}{{at(5) + at(9), 0}, {at(7) + at(8), 1}, {"", 0}, {at(6) + at(7), 1}, {at(9), 0}} {
		log, err := stream.FromReader("-", strings.NewReader(tt.text))
		require.NoError(t, err)
		r, err := s.Next(t.Context(), log, survey.Options{})
		require.NoError(t, err)
		require.Equal(t, tt.back, r.Counts[record.TimestampRegression.String()], "file %d", i)
	}
}

// What is wrong with every record of a foreign log is said once, and what is
// wrong with some of them for each; the numbers are those of both.
func TestWhatNoRecordHasIsSaidOnce(t *testing.T) {
	pino, err := record.Preset("pino")
	require.NoError(t, err)
	o := survey.Options{Checker: record.NewChecker(record.Options{Profile: pino}), MaxAnomalies: 3}
	heard := 0
	o.OnAnomaly = func(record.Anomaly) { heard++ }
	text := strings.Repeat(`{"level":30,"msg":"no time"}`+"\n", 5) + "{\n{\n"
	r := look(t, []byte(text), o)
	require.Equal(t, map[string]int64{"missing_timestamp": 1, "corrupted_line": 2}, r.Counts)
	require.EqualValues(t, 3, r.Total())
	require.Contains(t, r.Anomalies[0].Reason, "none of 5 records has what the profile pino requires")
	require.EqualValues(t, len(text), r.Anomalies[0].Length)
	require.Equal(t, 7, heard)
	require.EqualValues(t, r.Total()-int64(len(r.Anomalies)), r.Omitted)

	some := look(t, []byte(text+`{"level":30,"time":1531171074631,"msg":"hello"}`+"\n"), o)
	require.EqualValues(t, 5, some.Counts["missing_timestamp"])
	set := survey.Empty("log").With(r.Anomalies, 1)
	require.Len(t, set.Anomalies, 1)
	require.EqualValues(t, len(r.Anomalies)-1, set.Omitted)
	require.True(t, set.Unhealthy(false))
}
