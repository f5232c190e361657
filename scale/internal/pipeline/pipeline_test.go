package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	beam.Init()
	os.Exit(m.Run())
}

// try runs papyra-beam.
func try(args ...string) (stdout string, code int, stderr string) {
	var out, said bytes.Buffer
	env := &cli.Env{Ctx: context.Background(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said,
		Getenv: func(string) string { return "" }, Now: time.Now}
	code = cli.Run(env, "papyra-beam", "", Step.New(), args)
	return out.String(), code, said.String()
}

// logs makes a directory of damaged logs, a compressed one among them.
func logs(t *testing.T) (dir string, paths []string) {
	dir = t.TempDir()
	damage := map[string]int{}
	for _, name := range gen.DamageNames() {
		if name != "oversized_line" && name != "missing_newline" {
			damage[name] = 1
		}
	}
	for i, name := range []string{"a.ndjson", "b.ndjson", "c.ndjson.gz"} {
		var text bytes.Buffer
		_, err := gen.Generate(&text, gen.Options{Seed: uint64(i), Lines: 2000, Damage: damage}, nil)
		require.NoError(t, err)
		if strings.HasSuffix(name, ".gz") {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err = w.Write(text.Bytes())
			require.NoError(t, err)
			require.NoError(t, w.Close())
			text = packed
		}
		paths = append(paths, filepath.Join(dir, name))
		require.NoError(t, os.WriteFile(paths[i], text.Bytes(), 0o600))
	}
	return dir, paths
}

// The report of a pipeline is that of one scan, byte for byte.
func TestScanIsOnePass(t *testing.T) {
	dir, paths := logs(t)
	var want bytes.Buffer
	code, said := run(context.Background(), nil, scan.Step, nil, &want, append([]string{"--json", "--max-anomalies", "5"}, paths...))
	require.Equal(t, cli.ExitAnomalies, code, said)
	for _, size := range []string{"10KiB", "64MiB"} {
		got, code, said := try("scan", "--size", size, "--flag=--max-anomalies=5", filepath.Join(dir, "*.ndjson*"))
		require.Equal(t, cli.ExitAnomalies, code, said)
		require.Equal(t, want.String(), got)
	}
	_, code, _ = try("scan", filepath.Join(dir, "*.log"))
	require.Equal(t, cli.ExitFailed, code)
	_, code, _ = try("scan", filepath.Join(dir, "missing"))
	require.Equal(t, cli.ExitFailed, code)
}

var generated = regexp.MustCompile(`"generated": "[^"]*"`)

// The report of inspect is that of one pass too, but for when it was made.
func TestInspectIsOnePass(t *testing.T) {
	dir, paths := logs(t)
	var want bytes.Buffer
	code, said := run(context.Background(), nil, inspect.Step, nil, &want, append([]string{"--json"}, paths...))
	require.Zero(t, code, said)
	for _, size := range []string{"10KiB", "64MiB"} {
		got, code, said := try("inspect", "--size", size, filepath.Join(dir, "*.ndjson*"))
		require.Zero(t, code, said)
		require.Equal(t, generated.ReplaceAllString(want.String(), ""), generated.ReplaceAllString(got, ""))
	}
}

// However a runner divides what is left of a log, before or while it is worked
// on, each part is looked at once.
func TestDividedAnywhere(t *testing.T) {
	_, paths := logs(t)
	info, err := os.Stat(paths[0])
	require.NoError(t, err)
	l := Batch{paths[:1], info.Size(), 10 << 10, 0}
	w := &Work{Step: "scan"}
	whole := w.CreateInitialRestriction(l)
	require.Greater(t, l.parts(), int64(8))
	size := 0.0
	for _, r := range w.SplitRestriction(l, whole) {
		size += w.RestrictionSize(l, r)
	}
	require.InDelta(t, float64(l.Size), size, 0)

	todo, parts := []offsetrange.Restriction{whole}, map[int64]int{}
	for len(todo) > 0 {
		rt := w.CreateTracker(todo[0])
		todo = todo[1:]
		require.NoError(t, w.ProcessElement(context.Background(), rt, l, func(_ int64, f Found) {
			parts[f.Part.From]++
			_, rest, err := rt.TrySplit(0.5)
			require.NoError(t, err)
			if rest != nil {
				todo = append(todo, rest.(offsetrange.Restriction))
			}
		}))
		require.True(t, rt.IsDone())
	}
	require.Len(t, parts, int(l.parts()))
	for p, n := range parts {
		require.Equal(t, 1, n, p)
	}
}

// listed returns the text of the files that a manifest lists, which are all.
func listed(t *testing.T, dir string) (text string) {
	names, err := os.ReadFile(filepath.Join(dir, "MANIFEST"))
	require.NoError(t, err)
	all := map[string]bool{"MANIFEST": true}
	for name := range strings.FieldsSeq(string(names)) {
		part, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.False(t, all[name], name)
		all[name] = true
		text += string(part)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, len(all))
	return text
}

// The files of a filter, one after the other, are what it prints in one pass.
func TestFilterIsOnePass(t *testing.T) {
	dir, paths := logs(t)
	var want bytes.Buffer
	code, said := run(context.Background(), nil, filter.Step, nil, &want, append([]string{"--kind", "event"}, paths...))
	require.Zero(t, code, said)
	out := filepath.Join(t.TempDir(), "out")
	_, code, said = try("filter", "--size", "10KiB", "--flag=--kind=event", "--dir", out, filepath.Join(dir, "*.ndjson*"))
	require.Zero(t, code, said)
	require.Equal(t, want.String(), listed(t, out))
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Greater(t, len(left), 50)
	_, code, said = try("filter", "--dir", out, paths[0])
	require.Equal(t, cli.ExitFailed, code, said)
}

// Small logs whose names follow each other are looked at together, and what
// becomes of them is what one pass gives, whatever stands between them.
func TestSmallLogsGoTogether(t *testing.T) {
	_, large := logs(t)
	dir := t.TempDir()
	var paths []string
	for i := range 3 * groupLogs {
		text := []byte(`{"kind":"event","timestamp":1}` + "\n" + strings.Repeat("{\n", i%2))
		if i == groupLogs/2 || i == groupLogs {
			var err error
			text, err = os.ReadFile(large[i%3])
			require.NoError(t, err)
		}
		if i == 5 {
			text = nil
		}
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%03d \xff.ndjson", i)))
		require.NoError(t, os.WriteFile(paths[i], text, 0o600))
	}
	var batches []Batch
	d := &Find{Patterns: []string{filepath.Join(dir, "*")}, Step: 100 << 10}
	require.NoError(t, d.ProcessElement(t.Context(), nil, func(b Batch) { batches = append(batches, b) }))
	var all []string
	for _, b := range batches {
		all = append(all, b.Paths...)
		require.True(t, b.parts() == 1 || len(b.Paths) == 1 && b.Step == d.Step, b)
	}
	require.Equal(t, paths, all)
	require.Less(t, len(batches), 10)

	for _, s := range []cli.Step{scan.Step, inspect.Step} {
		var want bytes.Buffer
		code, _ := run(t.Context(), nil, s, nil, &want, append([]string{"--json"}, paths...))
		got, beam, said := try(strings.TrimPrefix(s.Binary, "papyra-"), "--size", "100KiB", d.Patterns[0])
		require.Equal(t, code, beam, said)
		require.Equal(t, generated.ReplaceAllString(want.String(), ""), generated.ReplaceAllString(got, ""))
	}
	var want bytes.Buffer
	run(t.Context(), nil, filter.Step, nil, &want, paths)
	out := filepath.Join(t.TempDir(), "out")
	_, code, said := try("filter", "--size", "100KiB", "--dir", out, d.Patterns[0])
	require.Zero(t, code, said)
	require.Equal(t, want.String(), listed(t, out))
}
