package scan_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// run runs a step in this process.
func run(stdin string, step cli.Step, args ...string) (stdout string, code int, stderr string) {
	var out, said bytes.Buffer
	env := &cli.Env{Ctx: context.Background(), Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &said,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	code = cli.Run(env, step.Binary, step.Description, step.New(), append(args, "--settle", "0s"))
	return out.String(), code, said.String()
}

// damaged is a small log with something of everything that a border could tear
// apart: damage, records that newlines have split, blank lines, runs of NUL
// bytes, times that go back, a record with a fault of its own whose time goes
// back, and an unterminated last line.
var damaged = "\xef\xbb\xbf" + strings.Join([]string{
	`{"kind":"event","timestamp":100}`,
	`{"kind":"event","timestamp":50}`,
	``,
	`{"kind":"x","timestamp":200}`,
	`{"kind":"x","timestamp":20}`,
	`{"timestamp":300}`,
	`{"kind":"event","timestamp":10,"timestamp":20}`,
	"\x00\x00\x00\x00{\"kind\":\"event\",\"timestamp\":400}",
	`{"kind":"metric"}`,
	`{"kind":"event","ti{"kind":"event","timestamp":5}`,
	`{"kind":"event","payload":"a`, ``, `b","timestamp":6}`,
	`{"kind":"event","payload":"no`, `{"kind":"event","payload":"c`, `d","timestamp":6}`, `e"}`,
	`{"kind":"audit","timestamp":7}`,
	`{"kind":"audit","timestamp":1}`,
	`{"kind":"event","timestamp":900`,
}, "\n")

// pino is a log of another program, that is taken for one of Papyra's unless a
// profile is given.
var pino = strings.Repeat(`{"level":30,"time":1531171074631,"pid":657,"hostname":"h","msg":"hello"}`+"\n", 4)

// cut returns the reports of the shards of a log, and what filter prints of
// them.
func cut(t require.TestingT, path string, size int, borders []int, args ...string) (reports []string, printed string) {
	borders = slices.Compact(append([]int{0}, borders...))
	borders = append(slices.DeleteFunc(borders, func(b int) bool { return b > 0 && b >= size }), size)
	for i, from := range borders[:len(borders)-1] {
		r := fmt.Sprintf("%d:%d", from, borders[i+1])
		if borders[i+1] == size {
			r = fmt.Sprintf("%d:", from)
		}
		out, code, said := run("", scan.Step, append(args, "--json", "--range", r, path)...)
		require.NotEqual(t, cli.ExitUsage, code, said)
		require.NotEqual(t, cli.ExitFailed, code, said)
		reports = append(reports, out)
		out, code, said = run("", filter.Step, "--kind", "event", "--range", r, path)
		require.Zero(t, code, said)
		printed += out
	}
	return reports, printed
}

// Wherever a log is cut, its merged report is that of one pass, byte for byte.
func TestMergedIsOnePass(t *testing.T) {
	testtool.Long(t)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	for _, log := range []string{damaged, damaged + "\n", `{"kind":"event","timestamp":1}`, "\n", "", pino} {
		require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
		printed, code, said := run("", filter.Step, "--kind", "event", path)
		require.Zero(t, code, said)
		for i, args := range [][]string{nil, {"--max-anomalies", "3", "--verbose"}, {"--reader", "producer"}, {"--max-anomalies", "0"}, {"--profile", "pino"}} {
			whole, code, _ := run("", scan.Step, append(args, "--json", path)...)
			check := func(t require.TestingT, borders ...int) {
				reports, parts := cut(t, path, len(log), borders, args...)
				require.Equal(t, printed, parts, "cut at %d", borders)
				slices.Reverse(reports)
				merged, merge, said := run(strings.Join(reports, ""), scan.Step, append(args, "--merge", "--json", "-")...)
				require.Equal(t, code, merge, said)
				require.Equal(t, whole, merged, "cut at %d", borders)
			}
			step := testtool.Amount(83, 11, 11)
			if i == 0 {
				step = testtool.Amount(11, 1, 1) // each byte is a border with no flags
			}
			for at := 0; at <= len(log); at += step {
				check(t, at)
			}
			if log != damaged || i > testtool.Amount(0, 1, 1) {
				continue
			}
			rapid.Check(t, func(t *rapid.T) {
				borders := rapid.SliceOfNDistinct(rapid.IntRange(0, max(len(log), 1)), 0, min(6, len(log)+1), rapid.ID).Draw(t, "borders")
				slices.Sort(borders)
				check(t, borders...)
			})
		}
	}
}

// What is missing, comes twice or is of another log is refused by name.
func TestMergeWantsAllOfALog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(damaged), 0o600))
	all, _ := cut(t, path, len(damaged), []int{100, 200})
	changed, _ := cut(t, path, len(damaged), []int{200}, "--max-skew", "9s")
	require.NoError(t, os.WriteFile(path, []byte(damaged+"\n"), 0o600))
	grown, _ := cut(t, path, len(damaged)+1, []int{200})
	for says, reports := range map[string][]string{
		"bytes 0 to 100 are in no report":                      all[1:],
		"bytes 100 to 200 are in no report":                    {all[2], all[0]},
		fmt.Sprintf("bytes 200 to %d are in no", len(damaged)): all[:2],
		"bytes 100 to 200 are in two reports":                  {all[0], all[1], all[2], all[1]},
		"its size is":                                          {all[0], all[1], grown[1]},
		"one was checked with":                                 {all[0], all[1], changed[1]},
		"it ends too early":                                    {all[0], all[1], all[2][:len(all[2])/2]},
	} {
		out, code, said := run(strings.Join(reports, ""), scan.Step, "--merge", "--json", "-")
		require.Equal(t, cli.ExitFailed, code, "%s: %s", says, out)
		require.Contains(t, said, says)
		require.NotContains(t, out, `"healthy":true`)
	}
}
