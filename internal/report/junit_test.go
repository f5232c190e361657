package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Time     string `xml:"time,attr"`
		Out      string `xml:"system-out"`
		Cases    []struct {
			Name      string       `xml:"name,attr"`
			Classname string       `xml:"classname,attr"`
			Time      string       `xml:"time,attr"`
			Failure   *junitResult `xml:"failure"`
			Error     *junitResult `xml:"error"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func junitOf(t *testing.T, d *held) junitSuites {
	t.Helper()
	text := show(t, JUnit, d, Options{})
	requireSafe(t, strings.ReplaceAll(text, "\t", ""))
	var s junitSuites
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.Strict = true
	require.NoError(t, dec.Decode(&s))
	return s
}

func TestJUnit(t *testing.T) {
	s := junitOf(t, all())
	require.Len(t, s.Suites, 1)
	require.Equal(t, []int{7, 2, 1}, []int{s.Suites[0].Tests, s.Suites[0].Failures, s.Suites[0].Errors})
	cases := s.Suites[0].Cases
	require.Len(t, cases, 7)
	require.Equal(t, "events.ndjson", cases[0].Name)
	require.Equal(t, "papyra-scan", cases[0].Classname)
	require.Equal(t, "0.250", cases[0].Time)
	require.Equal(t, "1.750", s.Suites[0].Time)
	require.Equal(t, "1 error, 1 warning", cases[0].Failure.Message)
	require.Equal(t, "truncated_line", cases[0].Failure.Type)
	require.Contains(t, cases[0].Failure.Text, "- TRUNCATED_LINE: line 12, offset 900, fault at byte 1000: the text ends too early\n- BLANK_LINE")
	require.Nil(t, cases[1].Failure)
	require.Contains(t, s.Suites[0].Out, "gone.ndjson: there is no such file")
	require.Equal(t, "no verdict: read at offset 1000: input/output error", cases[3].Error.Message)
	require.Nil(t, cases[3].Failure)
	require.Contains(t, s.Suites[0].Out, "is being written")
	require.Contains(t, s.Suites[0].Out, "BLANK_LINE: warning")
	require.Contains(t, cases[6].Failure.Text, "- and 2000 more")
	golden(t, "all.junit.xml", show(t, JUnit, all(), Options{}))
}

func TestJUnitHostile(t *testing.T) {
	s := junitOf(t, nasty())
	require.Len(t, s.Suites[0].Cases, 2)
	require.Equal(t, "logs/"+clean(hostile), s.Suites[0].Cases[0].Name)
	require.Contains(t, s.Suites[0].Cases[0].Failure.Text, clean(hostile))
	require.Equal(t, "no verdict: "+clean(hostile), s.Suites[0].Cases[1].Error.Message)
}

// A type of a later version is a group of its own, and not the first of ours.
func TestJUnitOfAnUnknownType(t *testing.T) {
	f := result("a", torn())
	f.Counts = map[string]int64{"torn_\x1bpage": 1}
	require.Equal(t, `torn_\x1bpage`, junitOf(t, newHeld(false, f)).Suites[0].Cases[0].Failure.Type)
}
