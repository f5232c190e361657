package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
)

func TestText(t *testing.T) {
	many := func(strict bool) *held {
		return newHeld(strict, result("a.ndjson", blank()))
	}
	for name, tt := range map[string]struct {
		d    *held
		o    Options
		want string
	}{
		"nothing": {d: document(), want: "No logs to look at\n" +
			"0 logs: 0 healthy, 0 unhealthy, 0 without a verdict; 0 records in 0 lines, 0 bytes\n"},
		"healthy": {d: document(result("a.ndjson")), want: "Persistence is healthy\na.ndjson: 10 records in 12 lines, 1000 bytes\n"},
		"standard input": {d: document(result("-")),
			want: "Persistence is healthy\nstandard input: 10 records in 12 lines, 1000 bytes\n"},
		"missing": {d: document(missing()), want: "Persistence is healthy\ngone.ndjson: there is no such file, which is healthy\n"},
		"quiet": {d: all(), o: Options{Quiet: true}, want: "papyra-scan: found anomalies in events.ndjson: 10 records in 12 lines, 1000 bytes, 1 error, 1 warning\n" +
			"papyra-scan: no verdict on bad.ndjson: read at offset 1000: input/output error\n" +
			"papyra-scan: found anomalies in many.ndjson: 10 records in 12 lines, 1000 bytes, 2002 errors\n"},
		"one": {d: document(result("a.ndjson", torn())), want: "Found 1 persistence anomalies:\n" +
			"- TRUNCATED_LINE: a.ndjson (line 12, offset 900, fault at byte 1000: the text ends too early)\n" +
			"a.ndjson: 10 records in 12 lines, 1000 bytes, 1 error\n"},
		"verbose": {d: document(result("a.ndjson", corrupt(2))), o: Options{Verbose: true}, want: "Found 1 persistence anomalies:\n" +
			"- CORRUPTED_LINE: a.ndjson (line 2, offset 200, fault at byte 207: unexpected 'x': a colon was expected after the key; also INVALID_UTF8)\n" +
			"a.ndjson: 10 records in 12 lines, 1000 bytes, 1 error\n" +
			"  corrupted_line: 1\n"},
		"warnings": {d: many(false), want: "Persistence is healthy (1 warning; --strict counts warnings too):\n" +
			"- BLANK_LINE: a.ndjson (warning, line 3, offset 200)\n" +
			"a.ndjson: 10 records in 12 lines, 1000 bytes, 1 warning\n"},
		"strict": {d: many(true), want: "Found 1 persistence anomalies:\n" +
			"- BLANK_LINE: a.ndjson (warning, line 3, offset 200)\n" +
			"a.ndjson: 10 records in 12 lines, 1000 bytes, 1 warning\n"},
		"in flight": {d: document(busy()), want: "Persistence is healthy\n" +
			"busy.ndjson: 10 records in 12 lines, 1000 bytes; the last line (line 13, offset 1000, 42 bytes so far) is being written and was not judged\n"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, show(t, Text, tt.d, tt.o)) })
	}
	golden(t, "all.txt", show(t, Text, all(), Options{}))
	golden(t, "all-verbose.txt", show(t, Text, all(), Options{Verbose: true}))
	golden(t, "all-color.txt", show(t, Text, all(), Options{Color: true}))
	golden(t, "nasty.txt", show(t, Text, nasty(), Options{Verbose: true}))
	requireSafe(t, show(t, Text, nasty(), Options{Verbose: true}))
}

func TestFailureIsNeverHealth(t *testing.T) {
	f := result("a.ndjson")
	f.Failure, f.Healthy = "read: input/output error", true
	d := document(result("fine"), f)
	require.False(t, d.Healthy)
	require.True(t, d.Failed())
	for _, format := range Formats() {
		text := show(t, format, d, Options{})
		require.NotContains(t, text, "Persistence is healthy", format)
		if format == Prometheus {
			require.Contains(t, text, `papyra_scan_healthy{step="scan",path="a.ndjson"} 0`)
			continue
		}
		require.Contains(t, text, "input/output error", format)
	}
}

func TestAnomalyOfAWholeFileHasNoPlace(t *testing.T) {
	left := anomaly{Type: record.InterruptedRewrite, Path: "x.compact.tmp", Length: 99, ErrorOffset: -1, Reason: "it was left over"}
	gap := anomaly{Type: record.RotationGap, Path: "x.2", ErrorOffset: -1, Reason: "it is missing"}
	require.Equal(t, "Found 2 persistence anomalies:\n"+
		"- INTERRUPTED_REWRITE: x.compact.tmp (99 bytes: it was left over)\n"+
		"- ROTATION_GAP: x.2 (warning: it is missing)\n"+
		"x: 10 records in 12 lines, 1000 bytes, 1 error, 1 warning\n", show(t, Text, document(result("x", left, gap)), Options{}))
}

func TestAnomalyAtTheStartHasItsOffset(t *testing.T) {
	changed := anomaly{Type: record.ChangedDuringScan, Offset: 4096, ErrorOffset: -1, Reason: "the file shrank while it was read"}
	nul := anomaly{Type: record.NULBytes, Line: 1, Length: 8192, ErrorOffset: 0, Reason: "NUL bytes"}
	text := show(t, Text, document(result("x", changed, nul)), Options{})
	require.Contains(t, text, "- CHANGED_DURING_SCAN: x (offset 4096: the file shrank while it was read)\n")
	require.Contains(t, text, "- NUL_BYTES: x (line 1, offset 0, 8192 bytes: NUL bytes)\n")
}
