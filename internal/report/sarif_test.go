package report

import (
	stdjson "encoding/json"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
)

// decodedSARIF is what the tests look at, decoded by the standard library.
type decodedSARIF struct {
	Version string `json:"version"`
	Schema  string `json:"$schema"`
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name    string
				Version string
				Rules   []struct {
					ID                   string
					Name                 string
					ShortDescription     struct{ Text string }
					FullDescription      struct{ Text string }
					Help                 struct{ Text, Markdown string }
					HelpURI              string `json:"helpUri"`
					DefaultConfiguration struct{ Level string }
				}
			}
		}
		Invocations []struct {
			ExecutionSuccessful        *bool
			ToolExecutionNotifications []struct {
				Level   string
				Message struct{ Text string }
			}
		}
		Results []struct {
			RuleID    string `json:"ruleId"`
			RuleIndex *int
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           *struct{ StartLine, ByteOffset, ByteLength *int64 }
				}
			}
			Properties          map[string]any
			PartialFingerprints map[string]string
		}
	}
}

func sarifOf(t *testing.T, d *held) decodedSARIF {
	t.Helper()
	text := show(t, SARIF, d, Options{})
	requireSafe(t, text)
	var l decodedSARIF
	require.NoError(t, stdjson.Unmarshal([]byte(text), &l))
	return l
}

func TestSARIF(t *testing.T) {
	l := sarifOf(t, all())
	require.Equal(t, "2.1.0", l.Version)
	require.Contains(t, l.Schema, "sarif-schema-2.1.0.json")
	require.Len(t, l.Runs, 1)
	run := l.Runs[0]
	require.Equal(t, "papyra-scan", run.Tool.Driver.Name)
	require.Equal(t, "1.2.3", run.Tool.Driver.Version)
	require.Len(t, run.Tool.Driver.Rules, len(record.Types()))
	for i, typ := range record.Types() {
		r := run.Tool.Driver.Rules[i]
		require.Equal(t, typ.String(), r.ID)
		require.Equal(t, typ.Severity().String(), r.DefaultConfiguration.Level)
		require.NotEmpty(t, r.Name)
		require.NotEmpty(t, r.ShortDescription.Text)
		require.Contains(t, r.FullDescription.Text, "Likely cause:")
		require.Contains(t, r.Help.Text, "Repair:")
		require.Contains(t, r.Help.Markdown, "**Repair:**")
		require.NotContains(t, r.Help.Text, "not known", "every type has an explanation")
		_, err := url.Parse(r.HelpURI)
		require.NoError(t, err)
	}
	require.Len(t, run.Results, 6)
	for _, r := range run.Results {
		require.Equal(t, run.Tool.Driver.Rules[*r.RuleIndex].ID, r.RuleID)
		require.Len(t, r.Locations, 1)
		require.NotNil(t, r.Locations[0].PhysicalLocation.Region)
	}
	torn := run.Results[0]
	require.Equal(t, "error", torn.Level)
	require.Equal(t, "events.ndjson", torn.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	region := torn.Locations[0].PhysicalLocation.Region
	require.Equal(t, []int64{12, 900, 100}, []int64{*region.StartLine, *region.ByteOffset, *region.ByteLength})
	require.Equal(t, map[string]any{"errorOffset": 1000.0}, torn.Properties)
	require.Equal(t, "warning", run.Results[1].Level)
	require.Nil(t, run.Results[1].Properties)

	require.Len(t, run.Invocations, 1)
	require.False(t, *run.Invocations[0].ExecutionSuccessful)
	notes := run.Invocations[0].ToolExecutionNotifications
	require.Equal(t, "No verdict on bad.ndjson: read at offset 1000: input/output error", notes[0].Message.Text)
	require.Equal(t, "2000 more anomalies are not listed.", notes[1].Message.Text)
	// The rules are compared with the types above; the golden file shows the
	// rest.
	text := regexp.MustCompile(`(?s)"rules": \[.*?\n      \]`).ReplaceAllString(show(t, SARIF, all(), Options{}), `"rules": []`)
	golden(t, "all.sarif", regexp.MustCompile(`"ruleIndex": \d+`).ReplaceAllString(text, `"ruleIndex": 0`))
}

func TestSARIFHealthy(t *testing.T) {
	run := sarifOf(t, document(result("a"))).Runs[0]
	require.True(t, *run.Invocations[0].ExecutionSuccessful)
	require.NotNil(t, run.Results, "an empty list means that there is nothing; no list, that nothing was looked at")
	require.Empty(t, run.Results)
}

func TestSARIFLimit(t *testing.T) {
	f := result("a")
	for i := range 7000 {
		f.Add(corrupt(int64(i+1)), 6000)
	}
	run := sarifOf(t, document(f, result("b", blank()))).Runs[0]
	require.Len(t, run.Results, 5000)
	require.Equal(t, "2001 more anomalies are not listed.", run.Invocations[0].ToolExecutionNotifications[0].Message.Text)
}

func TestSARIFOfFileLevelAnomalyHasNoRegion(t *testing.T) {
	a := anomaly{Type: record.InterruptedRewrite, Path: "events.ndjson.compact.tmp", ErrorOffset: -1, Reason: "left over"}
	text := show(t, SARIF, document(result("events.ndjson", a)), Options{})
	require.NotContains(t, text, `"region"`)
	require.Contains(t, text, `"uri": "events.ndjson.compact.tmp"`)
}

func TestSARIFHostile(t *testing.T) {
	for _, r := range sarifOf(t, nasty()).Runs[0].Results {
		require.NotRegexp(t, `[^\\]\[a\]`, r.Message.Text, "no link in a message")
		back, err := url.PathUnescape(r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		require.NoError(t, err)
		require.Equal(t, "logs/"+hostile, back)
	}
}

func TestURI(t *testing.T) {
	for path, want := range map[string]string{
		"events.ndjson":       "events.ndjson",
		"logs/a b.ndjson":     "logs/a%20b.ndjson",
		"-":                   "stdin",
		"10:00.ndjson":        "./10:00.ndjson",
		"a?b#c%20.ndjson":     "a%3Fb%23c%2520.ndjson",
		"日本\xff.ndjson":       "%E6%97%A5%E6%9C%AC%FF.ndjson",
		"../up/./x":           "../up/./x",
		"http://evil/a:b":     "./http://evil/a:b",
		"\x1b[2J\u202e\n.log": "%1B%5B2J%E2%80%AE%0A.log",
	} {
		require.Equal(t, want, uri(path))
	}
	if runtime.GOOS == "windows" {
		require.Equal(t, "file:///C:/logs/a%20b", uri(`C:\logs\a b`))
		return
	}
	require.Equal(t, "file:///var/log/a%20b", uri("/var/log/a b"))
	require.Equal(t, "file:////double", uri("//double"))
	allowed := regexp.MustCompile(`^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*$`)
	rapid.Check(t, func(t *rapid.T) {
		path := string(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "path"))
		if path == "-" {
			return
		}
		got := uri(path)
		require.Regexp(t, allowed, got)
		u, err := url.Parse(got)
		require.NoError(t, err)
		require.Empty(t, u.RawQuery+u.Fragment+u.Host)
		if filepath.IsAbs(path) {
			require.Equal(t, path, u.Path)
		} else {
			require.Equal(t, path, strings.TrimPrefix(u.Path, map[bool]string{true: "./"}[!strings.HasPrefix(path, "./")]))
		}
	})
}
