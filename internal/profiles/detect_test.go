package profiles_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/profiles"
	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
)

func allPresets(t testing.TB) []*record.Profile {
	all, err := profiles.All()
	require.NoError(t, err)
	return all
}

// detect is profiles.Detect, with which profiles.Tell must agree.
func detect(t testing.TB, sample [][]byte, candidates []*record.Profile) profiles.Detection {
	d := profiles.Detect(sample, candidates)
	if len(candidates) == len(allPresets(t)) {
		told, err := profiles.Tell(sample)
		require.NoError(t, err)
		require.Same(t, d.Profile, told, "%s", d)
	}
	return d
}

func samples(t testing.TB) map[string][][]byte { return testtool.Samples(t, "../..") }

func TestDetectSamples(t *testing.T) {
	testtool.Long(t)
	presets := allPresets(t)
	for name, lines := range samples(t) {
		require.GreaterOrEqual(t, len(lines), 200, name)
		d := detect(t, lines, presets)
		if name == "any" {
			require.Nil(t, d.Profile, "%s", d)
			continue
		}
		require.NotNil(t, d.Profile, "%s: %s", name, d)
		require.Equal(t, name, d.Profile.Name, "%s", d)
		// And a few of the lines are enough, damaged ones do no harm.
		for from := 0; from+20 <= len(lines); from += 20 {
			part := append([][]byte{[]byte(`{"cut`)}, lines[from:from+20]...)
			d = detect(t, part, presets)
			require.NotNil(t, d.Profile, "%s: %s", name, d)
			require.Equal(t, name, d.Profile.Name, "%s", d)
		}
	}
}

func TestDetectMixtures(t *testing.T) {
	testtool.Long(t)
	presets := allPresets(t)
	all := samples(t)
	for name, lines := range all { // twenty lines are enough to tell a log
		var some [][]byte
		for i := 0; i < 200; i += 10 {
			some = append(some, lines[i])
		}
		all[name] = some
	}
	for one, a := range all {
		for other, b := range all {
			if one >= other {
				continue
			}
			d := detect(t, slices.Concat(a, b), presets)
			if d.Profile != nil { // only what is true of both
				require.Contains(t, []string{"transcript+rollout", "caddy+zap", "logrus+traefik"}, one+"+"+other, "%s", d)
			}
			// A few lines of another log do no harm.
			if one != "any" {
				d = detect(t, slices.Concat(a[:19], b[:1]), presets)
				require.NotNil(t, d.Profile, "%s+%s: %s", one, other, d)
				require.Equal(t, one, d.Profile.Name, "%s", d)
			}
		}
	}
}

func TestDetectNoLogs(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, samples(t)["pino"][0], "", "  "))
	for text, want := range map[string]string{
		"":                                    "any: there is no line to judge by",
		"\n \n\t\n":                           "any: there is no line to judge by",
		"a,b,c\n1,2,3\n4,5,6":                 "any: none of 3 lines fits a profile",
		string(readme):                        "any: none of ",
		strings.Repeat(pretty.String(), 20):   "any: none of ",
		`{"n":1}`:                             "any: none of 1 lines fits a profile",
		`[{"level":30,"time":1700000000000}]`: "any: none of 1 lines fits a profile",
		"\x00\xff\x00":                        "any: none of 1 lines fits a profile",
	} {
		d := detect(t, bytes.Split([]byte(text), []byte("\n")), allPresets(t))
		require.Nil(t, d.Profile)
		require.True(t, strings.HasPrefix(d.String(), want), "%s: %s", text, d)
	}
}

func TestDetectSays(t *testing.T) {
	all := samples(t)
	pino := append(append([][]byte{}, all["pino"][:198]...), all["docker"][:2]...)
	require.Equal(t, "pino: 198 of 200 lines fit; next docker 2", detect(t, pino, allPresets(t)).String())
	mixed := append(append([][]byte{}, all["pino"][:100]...), all["docker"][:100]...)
	require.Equal(t, "any: no profile fits nine lines in ten; docker fits 100 of 200; next pino 100", detect(t, mixed, allPresets(t)).String())
	one := all["bunyan"][:1]
	require.Equal(t, "bunyan: 1 of 1 lines fit; next caddy 0", detect(t, one, allPresets(t)).String())
	a, err := record.ParseProfile([]byte(`{"name":"a","require":["x"]}`))
	require.NoError(t, err)
	b, err := record.ParseProfile([]byte(`{"name":"b","require":["y"]}`))
	require.NoError(t, err)
	d := detect(t, [][]byte{[]byte(`{"x":1,"y":2}`)}, []*record.Profile{a, b})
	require.Nil(t, d.Profile)
	require.Equal(t, "any: both a and b fit; of 1 lines 1 do", d.String())
}
