package export_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	parquetschema "github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// row is one row of a dataset; a value that is null is missing.
type row map[string]any

// readParquet reads a dataset with the library of another make, by directory.
func readParquet(t testing.TB, dir string) map[string][]row {
	t.Helper()
	all := map[string][]row{}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.parquet"))
	require.NoError(t, err)
	slices.Sort(paths)
	for _, path := range paths {
		r, err := file.OpenParquetFile(path, false)
		require.NoError(t, err)
		schema := r.MetaData().Schema
		require.True(t, schema.Column(schema.ColumnIndexByName("record")).LogicalType().Equals(parquetschema.JSONLogicalType{}))
		fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		require.NoError(t, err)
		table, err := fr.ReadTable(context.Background())
		require.NoError(t, err)
		partition, err := filepath.Rel(dir, filepath.Dir(path))
		require.NoError(t, err)
		first := len(all[partition])
		for range table.NumRows() {
			all[partition] = append(all[partition], row{})
		}
		for c := range int(table.NumCols()) {
			column := table.Column(c)
			at := first
			for _, chunk := range column.Data().Chunks() {
				for i := range chunk.Len() {
					if chunk.IsValid(i) {
						all[partition][at][column.Name()] = value(t, chunk, i)
					}
					at++
				}
			}
		}
		table.Release()
		require.NoError(t, r.Close())
	}
	return all
}

func value(t testing.TB, column arrow.Array, i int) any {
	switch c := column.(type) {
	case *array.String:
		return c.Value(i)
	case *array.Int64:
		return c.Value(i)
	case *array.Timestamp:
		require.Equal(t, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, c.DataType())
		return time.UnixMicro(int64(c.Value(i))).UTC().Format("2006-01-02T15:04:05.000000Z")
	case *array.Binary: // what this reader makes of JSON
		return string(c.Value(i))
	}
	t.Fatalf("a column of type %s", column.DataType())
	return nil
}

func TestParquetIsReadByOthers(t *testing.T) {
	torn := "{\"kind\":\"event\",\xff"
	odd := `{"kind":"a/b=c","timestamp":"soon"}`
	lines := []string{
		`{"kind": "event", "event_type": "Started", "actor_address": "local://1", "n": 12345678901234567890, "timestamp": 1710000000.123456}`,
		torn,
		`{"kind":"event","event_type":7,"timestamp":1710090000}`,
		`{"kind":"metric","timestamp":1710000003.0,"value":NaN}`,
		odd,
		`{"kind":"event","event_type":"St\u00f6rung","timestamp":1710000001}`,
	}
	log := write(t, lines...)
	dir := filepath.Join(t.TempDir(), "out")
	o := run(t, "", "--to", "parquet", dir, log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Contains(t, o.stdout, "6 rows in 5 files, 1 of them damaged lines")
	at := func(i int) (sum int64) {
		for _, l := range lines[:i] {
			sum += int64(len(l)) + 1
		}
		return sum
	}
	const none = "__HIVE_DEFAULT_PARTITION__"
	require.Equal(t, map[string][]row{
		"kind=event/date=2024-03-09": {
			{"_log": log, "_offset": at(0), "record": lines[0], "event_type": "Started", "actor_address": "local://1", "timestamp": "2024-03-09T16:00:00.123456Z"},
			{"_log": log, "_offset": at(5), "record": lines[5], "event_type": "Störung", "timestamp": "2024-03-09T16:00:01.000000Z"},
		},
		"kind=event/date=2024-03-10":     {{"_log": log, "_offset": at(2), "record": lines[2], "timestamp": "2024-03-10T17:00:00.000000Z"}},
		"kind=metric/date=2024-03-09":    {{"_log": log, "_offset": at(3), "record": lines[3], "timestamp": "2024-03-09T16:00:03.000000Z"}},
		"kind=a%2Fb%3Dc/date=" + none:    {{"_log": log, "_offset": at(4), "record": odd}},
		"kind=" + none + "/date=" + none: {{"_log": log, "_offset": at(1), "_corrupt_record": strings.ToValidUTF8(torn, "\uFFFD")}},
	}, readParquet(t, dir))
	require.FileExists(t, filepath.Join(dir, "_SUCCESS"))

	o = run(t, "", "--to", "parquet", dir, log)
	require.Equal(t, cli.ExitFailed, o.code)
	require.Contains(t, o.stderr, "is not empty")
}

// A log of another program has the columns and kinds of its profile.
func TestParquetOfAnotherProfile(t *testing.T) {
	line := `{"level":30,"time":1531171074631,"pid":657,"hostname":"box","msg":"hello"}`
	for _, profile := range []string{"pino", "auto"} {
		dir := filepath.Join(t.TempDir(), "out")
		log := write(t, line, line)
		o := run(t, "", "--profile", profile, "--to", "parquet", dir, log)
		require.Equal(t, cli.ExitOK, o.code, o.stderr)
		rows := readParquet(t, dir)["kind=30/date=2018-07-09"]
		require.Len(t, rows, 2)
		require.Equal(t, line, rows[0]["record"])
		require.Equal(t, "2018-07-09T21:17:54.631000Z", rows[0]["time"])
	}
	require.Equal(t, cli.ExitUsage, run(t, "", "--profile", "pino", "--to", "resp", write(t, line)).code)
}

// Every record of a larger log is there once, in order.
func TestParquetHoldsEveryRecord(t *testing.T) {
	log := filepath.Join(t.TempDir(), "events.ndjson")
	f, err := os.Create(log)
	require.NoError(t, err)
	_, err = gen.Generate(f, gen.Options{Seed: 3, Lines: 20000}, nil)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.Mkdir(dir, 0o755)) // an empty one is taken
	o := run(t, "", "--to", "parquet", dir, log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	byOffset := map[int64]string{}
	for _, rows := range readParquet(t, dir) {
		last := int64(-1)
		for _, r := range rows {
			require.Greater(t, r["_offset"], last)
			last = r["_offset"].(int64)
			byOffset[last] = r["record"].(string)
		}
	}
	offset := int64(0)
	for line := range strings.Lines(string(text)) {
		require.Equal(t, strings.TrimSuffix(line, "\n"), byOffset[offset])
		offset += int64(len(line))
	}
	require.Len(t, byOffset, 20000)
}

// An export that fails leaves nothing behind.
func TestParquetIsWholeOrAbsent(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	o := run(t, "", "--to", "parquet", dir, write(t, events...), filepath.Join(parent, "missing"))
	require.Equal(t, cli.ExitFailed, o.code)
	left, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Empty(t, left)
}
