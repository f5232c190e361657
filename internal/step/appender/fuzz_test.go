package appender

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Whatever comes in: what goes to the log are healthy records only, each of
// them a line of the input, and with the lines that were refused they are the
// input again.
func FuzzEngine(f *testing.F) {
	for _, seed := range []string{"", good(1), good(1) + "x\n" + good(2), "\ufeff" + good(1) + "{}", "{}\n{ }\n\r\n", "\x00\n{\n", good(1)[:12]} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, complete bool) {
		var l memory
		e, h := testEngine(t, &l, "batch")
		e.skip = true
		if complete {
			j, err := newJudge(record.NewChecker(record.Options{MaxLineBytes: 200}), "metric", clock)
			require.NoError(t, err)
			e.judge = j
		}
		require.NoError(t, e.run(context.Background(), bytes.NewReader(input)))
		require.Equal(t, len(l.data), l.safe)
		checker := record.NewChecker(record.Options{MaxLineBytes: 200})
		rest := l.data
		for len(rest) > 0 {
			end := bytes.IndexByte(rest, '\n')
			require.GreaterOrEqual(t, end, 0)
			r := checker.Check(rest[:end], record.First)
			require.Zero(t, r.Faults&refused, "%q", rest[:end])
			require.Zero(t, r.Start, "a byte order mark in the middle of a log is damage")
			rest = rest[end+1:]
		}
		require.Equal(t, e.tally.Lines, int64(len(h.refused))+e.tally.Acknowledged.Records)
		if complete {
			return
		}
		want := input
		if n := len(want); n > 0 && want[n-1] != '\n' && !bytes.HasSuffix(h.rejected.Bytes(), want[bytes.LastIndexByte(want, '\n')+1:]) {
			want = append(want[:n:n], '\n') // the last line went to the log, and got a newline
		}
		if e.tally.BOM {
			want = bytes.TrimPrefix(want, []byte("\ufeff"))
		}
		at := 0
		accepted, rejected := l.data, h.rejected.Bytes()
		for at < len(want) {
			end := len(want)
			if i := bytes.IndexByte(want[at:], '\n'); i >= 0 {
				end = at + i + 1
			}
			line := want[at:end]
			switch {
			case bytes.HasPrefix(accepted, line):
				accepted = accepted[len(line):]
			case bytes.HasPrefix(rejected, line):
				rejected = rejected[len(line):]
			default:
				t.Fatalf("%q went nowhere", line)
			}
			at = end
		}
		require.Empty(t, accepted)
	})
}
