package report

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]Target{
		"json=out.json":     {JSON, "out.json"},
		"SARIF=-":           {SARIF, "-"},
		"github=a=b":        {GitHub, "a=b"},
		"prometheus=/x y/z": {Prometheus, "/x y/z"},
	} {
		var got Target
		require.NoError(t, got.UnmarshalText([]byte(in)))
		require.Equal(t, want, got)
		var again Target
		require.NoError(t, again.UnmarshalText([]byte(got.String())))
		require.Equal(t, want, again)
	}
	for in, message := range map[string]string{
		"json":       "want FORMAT=FILE",
		"json=":      "no file after the =",
		"yaml=x":     `unknown report format "yaml", want one of text, json`,
		"=x":         "unknown report format",
		"out.json=x": "unknown report format",
	} {
		require.ErrorContains(t, new(Target).UnmarshalText([]byte(in)), message)
	}
}

func TestTargets(t *testing.T) {
	require.True(t, Targets{{JSON, "x"}, {Text, "-"}}.Stdout())
	require.False(t, Targets{{JSON, "x"}}.Stdout())
	require.Equal(t, []string{"x", "-"}, Targets{{JSON, "x"}, {Text, "-"}}.Files())
}

func TestTargetsWriteAll(t *testing.T) {
	d, full := all(), errors.New("disk full")
	files := map[string]string{}
	var out bytes.Buffer
	doc := NewDocument(d.Tool, d.Version, false)
	doc.Settings = d.Settings
	err := Targets{{JSON, "full"}, {NDJSON, "a"}, {Text, "-"}, {Text, "b"}}.Run(&out, doc, Options{Color: true},
		func(name string, _ fs.FileMode, write func(io.Writer) error) error {
			if name == "full" {
				return full
			}
			var b bytes.Buffer
			require.NoError(t, write(&b))
			files[name] = b.String()
			return nil
		}, func() error {
			for _, f := range d.Files {
				doc.Add(f)
			}
			return nil
		})
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "report json=full: disk full")
	require.Equal(t, map[string]string{"a": show(t, NDJSON, d, Options{}), "b": show(t, Text, d, Options{})}, files)
	require.Equal(t, show(t, Text, d, Options{Color: true}), out.String())
}

// TestTargetsOfAFailedRun: a run that failed as a whole replaces no file.
func TestTargetsOfAFailedRun(t *testing.T) {
	var out bytes.Buffer
	interrupted := errors.New("interrupted")
	doc := NewDocument("x", "1", false)
	err := Targets{{JSON, "a"}, {JSON, "-"}, {Text, "b"}}.Run(&out, doc, Options{}, func(_ string, _ fs.FileMode, write func(io.Writer) error) error {
		var b bytes.Buffer
		require.ErrorIs(t, write(&b), interrupted)
		require.NotContains(t, b.String(), "total")
		return interrupted
	}, func() error { doc.Add(result("a")); return interrupted })
	require.Equal(t, interrupted, err)
	require.Empty(t, out.String())
}
