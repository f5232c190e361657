package inspect

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// torn is a small log with something of everything that a border could tear
// apart: damage, blank lines, runs of NUL bytes, times that go back, a record
// with a fault of its own whose time goes back, and an unterminated last line.
var torn = "\xef\xbb\xbf" + strings.Join([]string{
	`{"kind":"event","timestamp":100,"actor_address":"a","event_type":"Up"}`,
	`{"kind":"event","timestamp":50,"actor_address":"b"}`,
	``,
	`{"kind":"x","timestamp":200}`,
	`{"kind":"x","timestamp":20}`,
	`{"timestamp":300}`,
	`{"kind":"event","timestamp":10,"timestamp":20,"actor_address":"a"}`,
	"\x00\x00\x00\x00{\"kind\":\"event\",\"timestamp\":400}",
	`{"kind":"metric"}`,
	`{"kind":"event","ti{"kind":"event","timestamp":5}`,
	`{"kind":"dead_letter","timestamp":7.25,"target":"a"}`,
	`{"kind":"audit","timestamp":1e300}`,
	`{"kind":"event","timestamp":900`,
}, "\n")

const foreign = `{"level":30,"time":1531171074631,"pid":657,"hostname":"h","msg":"hello"}` + "\n" +
	`{"level":40,"time":1531171074632,"pid":657,"hostname":"i","msg":"there"}` + "\n"

// shards returns the reports on the parts of a log between borders.
func shards(t require.TestingT, path string, size int, borders []int, args ...string) (reports []string) {
	borders = slices.Compact(append([]int{0}, borders...))
	borders = append(slices.DeleteFunc(borders, func(b int) bool { return b > 0 && b >= size }), size)
	for i, from := range borders[:len(borders)-1] {
		r := fmt.Sprintf("%d:%d", from, borders[i+1])
		if borders[i+1] == size {
			r = fmt.Sprintf("%d:", from)
		}
		code, out, said := run(t, nil, 0, append(args, "--json", "--settle", "0s", "--range", r, path)...)
		require.Zero(t, code, said)
		reports = append(reports, out)
	}
	return reports
}

func merge(t require.TestingT, reports []string, args ...string) (code int, out, said string) {
	f, err := os.CreateTemp("", "reports-*")
	require.NoError(t, err)
	defer os.Remove(f.Name())
	_, err = f.WriteString(strings.Join(reports, ""))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return run(t, nil, 0, append(args, "--merge", f.Name())...)
}

// Wherever a log is cut, its merged report is that of one pass, byte for byte,
// in every form.
func TestMergedIsOnePass(t *testing.T) {
	testtool.Long(t)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	for _, log := range []string{torn, torn + "\n", `{"kind":"event","timestamp":1}`, "\n", "", foreign} {
		require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
		for i, args := range [][]string{nil, {"--reader", "producer", "--limit", "2"}, {"--profile", "pino"}} {
			_, whole, _ := run(t, nil, 0, append(args, "--settle", "0s", "--json", path)...)
			check := func(t require.TestingT, form string, whole string, borders ...int) {
				reports := shards(t, path, len(log), borders, args...)
				slices.Reverse(reports)
				code, merged, said := merge(t, reports, form)
				require.Zero(t, code, said)
				require.Equal(t, whole, merged, "cut at %d", borders)
			}
			step := testtool.Amount(87, 13, 13)
			if i == 0 {
				step = testtool.Amount(11, 1, 1) // each byte is a border with no flags
			}
			for at := 0; at <= len(log); at += step {
				check(t, "--json", whole, at)
			}
			if log != torn {
				continue
			}
			_, text, _ := run(t, nil, 0, append(args, "--settle", "0s", "--show-metrics", path)...)
			check(t, "--show-metrics", text, len(log)/3, len(log)/2)
			_, page, _ := run(t, nil, 0, append(args, "--settle", "0s", "--html=-", path)...)
			check(t, "--html=-", page, len(log)/3, len(log)/2)
			if i > 0 {
				continue
			}
			rapid.Check(t, func(t *rapid.T) {
				borders := rapid.SliceOfNDistinct(rapid.IntRange(0, len(log)), 0, 6, rapid.ID).Draw(t, "borders")
				slices.Sort(borders)
				check(t, "--json", whole, borders...)
			})
		}
	}
}

// What is bounded is the same too as long as it stays within the bounds: names,
// and spans of time that get wider the more of them there are.
func TestMergedIsOnePassOfManyNames(t *testing.T) {
	testtool.Long(t)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	for names, exact := range map[int]bool{4096: true, 6000: false} {
		var log bytes.Buffer
		for i := range 3 * names {
			fmt.Fprintf(&log, `{"kind":"event","timestamp":%f,"actor_address":"local://%d","event_type":"%s"}`+"\n",
				1.7e9+float64(i*i%100_000)/7, i%names, strings.Repeat("é", i%200))
		}
		log.WriteString(`{"kind":"event","timestamp":5,"actor_address":"local://0"}` + "\n")
		require.NoError(t, os.WriteFile(path, log.Bytes(), 0o600))
		_, whole, _ := run(t, nil, 0, "--json", path)
		reports := shards(t, path, log.Len(), []int{1, 1000, 70_000, 300_001, 300_002, 500_000})
		code, merged, said := merge(t, reports, "--json")
		require.Zero(t, code, said)
		if exact {
			require.Equal(t, whole, merged)
			continue
		}
		// Beyond, the rest is the same, and the bounds hold.
		a, b := decode(t, whole).Files[0], decode(t, merged).Files[0]
		require.Equal(t, int64(3*names+1), b.Top.Actors.Total)
		require.Positive(t, b.Top.Actors.Error)
		for _, it := range b.Top.Actors.Items {
			require.LessOrEqual(t, it.Count, int64(4))
			require.GreaterOrEqual(t, it.Count, 3-b.Top.Actors.Error)
		}
		a.Top.Actors, b.Top.Actors = heavy{}, heavy{}
		require.Equal(t, a, b)
	}
}

// Reports on whole logs, shards, compressed logs and logs that are missing go
// together, in the order in which they are read; so do merged ones.
func TestMergeOfManyLogs(t *testing.T) {
	dir := t.TempDir()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(torn))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	var paths []string
	for name, text := range map[string]string{"a": torn, "b": foreign, "c": packed.String()} {
		paths = append(paths, filepath.Join(dir, name))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	slices.Sort(paths)
	paths = append(paths, filepath.Join(dir, "missing"))
	base := []string{"--json", "--settle", "0s", "--missing", "ok"}
	_, whole, _ := run(t, nil, 0, append(slices.Clone(base), paths...)...)
	var reports []string
	for i, p := range paths {
		switch i {
		case 0:
			reports = append(reports, shards(t, p, len(torn), []int{100, 200})...)
		case 2:
			reports = append(reports, shards(t, p, packed.Len(), nil)...)
		default:
			_, one, _ := run(t, nil, 0, append(slices.Clone(base), p)...)
			reports = append(reports, one)
		}
	}
	_, first, said := merge(t, reports[:4], "--json")
	require.Empty(t, said)
	for _, all := range [][]string{reports, append([]string{first}, reports[4:]...)} {
		code, merged, said := merge(t, all, "--json")
		require.Zero(t, code, said)
		require.Equal(t, whole, merged)
	}
}

// What is missing, comes twice, is of another log or makes no sense is refused,
// by name.
func TestMergeWantsAllOfALog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(torn), 0o600))
	all := shards(t, path, len(torn), []int{100, 200})
	skewed := shards(t, path, len(torn), []int{200}, "--max-skew", "9s")
	pino := shards(t, path, len(torn), []int{200}, "--profile", "pino")
	_, aged, _ := run(t, nil, 0, "--json", "--max-age", "1d", path)
	before, state, found := strings.Cut(all[2], `"state": "`)
	require.True(t, found)
	damaged := before + `"state": "////////////` + state[12:]
	for says, reports := range map[string][]string{
		"bytes 0 to 100 are in no report":                   all[1:],
		"bytes 100 to 200 are in no report":                 {all[2], all[0]},
		fmt.Sprintf("bytes 200 to %d are in no", len(torn)): all[:2],
		"bytes 100 to 200 are in two reports":               {all[0], all[1], all[2], all[1]},
		"one was checked with":                              {all[0], all[1], skewed[1]},
		"of the profile":                                    {all[0], all[1], pino[1]},
		"its retention or --limit is not":                   {all[0], all[1], all[2], aged},
		"it ends too early":                                 {all[0], all[1], all[2][:len(all[2])/2]},
		"its state is damaged":                              {all[0], all[1], damaged},
		"its metrics are not":                               {all[0], all[1], strings.Replace(all[2], `"scans": 1`, `"scans": 2`, 1)},
		"it has no metrics":                                 {`{"schema":1,"files":[],"total":{}}`},
	} {
		code, out, said := merge(t, reports, "--json")
		require.Equal(t, cli.ExitFailed, code, says)
		require.Contains(t, said, says)
		require.Empty(t, out)
	}
	code, _, said := run(t, nil, 0, "--range", "0:1", "--max-records", "1", path)
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, said, "--range cannot be combined with")
}

// Whatever stands in a report, reading its state neither panics nor takes more
// than it may.
func FuzzState(f *testing.F) {
	s := newState()
	s.lengths.Add(7)
	s.top[keyActor].Add([]byte("a"), 2)
	s.times.Add(1.7e9, 1, 7)
	s.strip.Add(3, 4, true, 1)
	f.Add(s.encode(), int64(1))
	f.Fuzz(func(t *testing.T, text []byte, records int64) {
		s, again := newState(), newState()
		if s.decode(text, records) != nil {
			return
		}
		require.NoError(t, again.decode(s.encode(), records))
		require.Equal(t, s.encode(), again.encode())
		s.merge(&again.sums)
		s.strip.Merge(again.strip)
	})
}
