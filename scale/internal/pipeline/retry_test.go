package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
)

func init() {
	register.DoFn4x1[context.Context, *sdf.LockRTracker, Batch, func(int64, Found), error](&failingOnce{})
}

// failingOnce fails the bundle of one log when all of its parts were done, if a
// file exists, which it then removes.
type failingOnce struct {
	Work
	Fuse, Log string
}

func (w *failingOnce) ProcessElement(ctx context.Context, rt *sdf.LockRTracker, l Batch, emit func(int64, Found)) error {
	err := w.Work.ProcessElement(ctx, rt, l, emit)
	if err == nil && l.Paths[0] == w.Log && os.Remove(w.Fuse) == nil {
		return errors.New("the worker was lost")
	}
	return err
}

// A pipeline in which a bundle fails gives nothing that could be taken for a
// result, if its runner gives up, and the result of one pass, if it, or whoever
// starts it again, tries again over what is there.
func TestABundleThatFailsOnce(t *testing.T) {
	dir, paths := logs(t)
	for _, step := range []string{"scan", "filter"} {
		out := t.TempDir()
		w := &failingOnce{Work: Work{Step: step}, Fuse: filepath.Join(t.TempDir(), "fuse"), Log: paths[1]}
		var want string
		result := filepath.Join(out, "MANIFEST")
		if step == "filter" {
			w.Flags, w.Dir = []string{"--kind=event"}, out
			clean := filepath.Join(t.TempDir(), "clean")
			_, code, said := try(step, "--size", "20KiB", "--flag=--kind=event", "--dir", clean, filepath.Join(dir, "*"))
			require.Zero(t, code, said)
			want = listed(t, clean)
		} else {
			want, _, _ = try(step, "--size", "20KiB", filepath.Join(dir, "*"))
		}
		require.NoError(t, os.WriteFile(w.Fuse, nil, 0o600))
		c := &Common{Size: 20 << 10, Runner: "prism"}
		c.Args = []string{filepath.Join(dir, "*")}
		env := &cli.Env{Ctx: context.Background(), Getenv: func(string) string { return "" }}
		for tries := 1; ; tries++ {
			err := c.run(env, w, Fold{Step: step}, result)
			if err == nil {
				break
			}
			require.ErrorContains(t, err, "the worker was lost")
			require.NoFileExists(t, result)
			require.Less(t, tries, 2)
		}
		require.NoFileExists(t, w.Fuse, "the bundle failed")
		if step == "filter" {
			require.Equal(t, want, listed(t, out))
			continue
		}
		got, err := os.ReadFile(result)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}

// lossy runs the parts of logs as a runner that loses workers does: a bundle may
// fail anywhere, or be done by two workers of which one counts, and so may a fold.
// It returns what the last step writes.
func lossy(t *testing.T, rnd *rand.Rand, w *Work, all []Batch) string {
	ctx := context.Background()
	groups := map[int64][]Found{}
	for _, l := range all {
		for _, r := range w.SplitRestriction(l, w.CreateInitialRestriction(l)) {
			for done := false; !done; {
				bundle, stop := context.WithCancel(ctx)
				var got []Found
				lost, left := rnd.IntN(3) == 0, rnd.IntN(partsAtOnce)
				err := w.ProcessElement(bundle, w.CreateTracker(r), l, func(_ int64, f Found) {
					if got = append(got, f); lost && len(got) > left {
						stop()
					}
				})
				stop()
				// What a lost bundle gave is not used, even if it came to its end.
				if done = !lost; done {
					require.NoError(t, err)
					groups[l.Group] = append(groups[l.Group], got...)
				}
			}
		}
	}
	iterate := func(all []Found) func(*Found) bool {
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return func(f *Found) bool {
			if len(all) > 0 {
				*f, all = all[0], all[1:]
				return true
			}
			return false
		}
	}
	fold := Fold{Step: w.Step}
	var folded []Found
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		var texts [2]string
		for i := range texts {
			require.NoError(t, fold.ProcessElement(ctx, g, iterate(groups[g]), func(_ int64, f Found) {
				r, err := gzip.NewReader(bytes.NewReader(f.Packed))
				require.NoError(t, err)
				text, err := io.ReadAll(r)
				require.NoError(t, err)
				texts[i] = generated.ReplaceAllString(string(text), "")
				if i > 0 {
					folded = append(folded, f)
				}
			}))
		}
		require.Equal(t, texts[0], texts[1])
	}
	output := filepath.Join(t.TempDir(), "result")
	if w.Dir != "" {
		output = filepath.Join(w.Dir, "MANIFEST")
	}
	g := &Gather{fold, output}
	for range 2 {
		require.NoError(t, g.ProcessElement(ctx, 0, iterate(slices.Clone(folded))))
	}
	text, err := os.ReadFile(output)
	require.NoError(t, err)
	return string(text)
}

// However many workers are lost, and wherever groups begin, the result is that of
// one pass, and nothing else is there.
func TestLostWorkersChangeNothing(t *testing.T) {
	_, paths := logs(t)
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var all []Batch
		for i, path := range paths {
			info, err := os.Stat(path)
			require.NoError(t, err)
			l := Batch{[]string{path}, info.Size(), 40 << 10, int64(i) * int64(seed%3) / 2}
			if filepath.Ext(path) == ".gz" {
				l.Step = l.Size
			}
			all = append(all, l)
		}
		for _, name := range []string{"scan", "inspect", "filter"} {
			w := &Work{Step: name}
			if name == "filter" {
				w.Dir = t.TempDir()
			}
			got := lossy(t, rnd, w, all)
			var want bytes.Buffer
			args := paths
			if name != "filter" {
				args = append([]string{"--json"}, paths...)
			} else {
				got = listed(t, w.Dir)
			}
			run(context.Background(), nil, step(name), nil, &want, args)
			require.Equal(t, generated.ReplaceAllString(want.String(), ""), generated.ReplaceAllString(got, ""))
		}
	}
}
