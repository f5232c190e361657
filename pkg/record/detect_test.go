package record

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func allPresets(t testing.TB) (all []*Profile) {
	for _, name := range PresetNames() {
		p, err := Preset(name)
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

func TestDetectSamples(t *testing.T) {
	presets := allPresets(t)
	for name, lines := range samples(t) {
		require.GreaterOrEqual(t, len(lines), 200, name)
		d := Detect(lines, presets)
		if name == "any" {
			require.Nil(t, d.Profile, "%s", d)
			continue
		}
		require.NotNil(t, d.Profile, "%s: %s", name, d)
		require.Equal(t, name, d.Profile.Name, "%s", d)
		// And a few of the lines are enough, damaged ones do no harm.
		for from := 0; from+20 <= len(lines); from += 20 {
			part := append([][]byte{[]byte(`{"cut`)}, lines[from:from+20]...)
			d = Detect(part, presets)
			require.NotNil(t, d.Profile, "%s: %s", name, d)
			require.Equal(t, name, d.Profile.Name, "%s", d)
		}
	}
}

func TestDetectMixtures(t *testing.T) {
	presets := allPresets(t)
	all := samples(t)
	for one, a := range all {
		for other, b := range all {
			if one >= other {
				continue
			}
			d := Detect(append(append([][]byte{}, a[:200]...), b[:200]...), presets)
			if d.Profile != nil { // only what is true of both
				require.Contains(t, []string{"transcript+rollout", "caddy+zap", "logrus+traefik"}, one+"+"+other, "%s", d)
			}
			// A few lines of another log do no harm.
			if one != "any" {
				d = Detect(append(append([][]byte{}, a[:190]...), b[:10]...), presets)
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
		d := Detect(bytes.Split([]byte(text), []byte("\n")), allPresets(t))
		require.Nil(t, d.Profile)
		require.True(t, strings.HasPrefix(d.String(), want), "%s: %s", text, d)
	}
}

func TestDetectSays(t *testing.T) {
	all := samples(t)
	pino := append(append([][]byte{}, all["pino"][:198]...), all["docker"][:2]...)
	require.Equal(t, "pino: 198 of 200 lines fit; next docker 2", Detect(pino, allPresets(t)).String())
	mixed := append(append([][]byte{}, all["pino"][:100]...), all["docker"][:100]...)
	require.Equal(t, "any: no profile fits nine lines in ten; docker fits 100 of 200; next pino 100", Detect(mixed, allPresets(t)).String())
	one := all["bunyan"][:1]
	require.Equal(t, "bunyan: 1 of 1 lines fit; next caddy 0", Detect(one, allPresets(t)).String())
	a, err := ParseProfile([]byte(`{"name":"a","require":["x"]}`))
	require.NoError(t, err)
	b, err := ParseProfile([]byte(`{"name":"b","require":["y"]}`))
	require.NoError(t, err)
	d := Detect([][]byte{[]byte(`{"x":1,"y":2}`)}, []*Profile{a, b})
	require.Nil(t, d.Profile)
	require.Equal(t, "any: both a and b fit; of 1 lines 1 do", d.String())
}
