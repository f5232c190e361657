package report

import (
	stdjson "encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
)

// documents are those that every schema must take.
func documents() map[string]*held {
	return map[string]*held{"all": all(), "none": document(), "healthy": document(result("a")), "hostile": nasty(), "missing": document(missing()),
		"a file": document(result("l", anomaly{Type: record.InterruptedRewrite, Path: "l.compact.tmp", ErrorOffset: -1})), "strict": newHeld(true, gzipped())}
}

// sarifModule is a Go module that carries the schema of SARIF 2.1.0 as OASIS
// published it, in a raw string of this file.
const sarifModule, sarifFile = "github.com/owenrumney/go-sarif/v3@v3.3.1", "pkg/report/v210/sarif/schema.go"

// officialSARIF is that schema. The module is downloaded where no tool may be
// missing, and elsewhere used if it is there.
func officialSARIF(t *testing.T) string {
	cmd := exec.Command(testtool.Need(t, "go"), "mod", "download", "-json", sarifModule)
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	if os.Getenv(testtool.RequireEnv) == "" {
		cmd.Env = append(cmd.Env, "GOPROXY=off")
	}
	out, err := cmd.Output()
	if err != nil {
		testtool.Missing(t, "%s, which has the schema: %v: %s", sarifModule, err, out)
	}
	var module struct{ Dir string }
	require.NoError(t, stdjson.Unmarshal(out, &module))
	source, err := os.ReadFile(filepath.Join(module.Dir, filepath.FromSlash(sarifFile)))
	require.NoError(t, err)
	text := regexp.MustCompile("(?s)schema = `(.*)`").FindSubmatch(source)
	require.Len(t, text, 2)
	return string(text[1])
}

func TestSARIFSchema(t *testing.T) {
	python := testtool.Need(t, "python3")
	if err := exec.Command(python, "-c", "import jsonschema").Run(); err != nil {
		testtool.Missing(t, "python3's jsonschema: %v", err)
	}
	schema := officialSARIF(t)
	require.Contains(t, schema, "docs.oasis-open.org/sarif/sarif/v2.1.0/")
	validate := func(text string) (string, error) {
		cmd := exec.Command(python, "-c", `
import json, sys, jsonschema
schema, report = map(json.loads, sys.stdin.read().split("\0"))
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
bad = [f"{list(e.absolute_path)}: {e.message}" for e in validator(schema).iter_errors(report)]
sys.exit("\n".join(bad) or None)`)
		cmd.Stdin = strings.NewReader(schema + "\x00" + text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for name, d := range documents() {
		out, err := validate(show(t, SARIF, d, Options{}))
		require.NoError(t, err, "%s: %s", name, out)
	}
	out, err := validate(strings.Replace(show(t, SARIF, all(), Options{}), `"startLine"`, `"startLines"`, 1))
	require.Error(t, err, "the schema refuses what is wrong")
	require.Contains(t, out, "startLines")
}

func TestJUnitSchema(t *testing.T) {
	lint := testtool.Need(t, "xmllint")
	validate := func(text string) (string, error) {
		cmd := exec.Command(lint, "--noout", "--nonet", "--schema", filepath.Join("testdata", "junit.xsd"), "-")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for name, d := range documents() {
		out, err := validate(show(t, JUnit, d, Options{}))
		require.NoError(t, err, "%s: %s", name, out)
	}
	text := show(t, JUnit, all(), Options{})
	for _, wrong := range []string{strings.Replace(text, "<system-err/>", "", 1), strings.Replace(text, ` hostname="localhost"`, "", 1),
		strings.Replace(text, "</testcase>", "<system-out/></testcase>", 1)} {
		_, err := validate(wrong)
		require.Error(t, err)
	}
}

type gitLabIssues []struct {
	Description, Fingerprint, Severity string
	CheckName                          string `json:"check_name"`
	Location                           struct {
		Path  string
		Lines struct{ Begin int64 }
	}
}

func gitLabOf(t *testing.T, d *held) (all gitLabIssues) {
	text := show(t, GitLab, d, Options{})
	requireSafe(t, text)
	require.NoError(t, stdjson.Unmarshal([]byte(text), &all))
	return all
}

func TestGitLab(t *testing.T) {
	issues := gitLabOf(t, all())
	require.Len(t, issues, 7)
	seen := map[string]bool{}
	for _, i := range issues {
		require.Regexp(t, `^[0-9a-f]{32}$`, i.Fingerprint)
		require.False(t, seen[i.Fingerprint], "GitLab takes one issue of each fingerprint")
		seen[i.Fingerprint] = true
		require.Positive(t, i.Location.Lines.Begin)
		require.NotEmpty(t, i.Description)
	}
	require.Equal(t, "truncated_line", issues[0].CheckName)
	require.Equal(t, "critical", issues[0].Severity)
	require.Equal(t, "events.ndjson", issues[0].Location.Path)
	require.EqualValues(t, 12, issues[0].Location.Lines.Begin)
	require.Equal(t, "minor", issues[1].Severity)
	require.Equal(t, "no_verdict", issues[2].CheckName)
	require.Equal(t, "blocker", issues[2].Severity)
	require.Contains(t, issues[2].Description, "input/output error")

	require.Equal(t, "critical", gitLabOf(t, newHeld(true, gzipped()))[0].Severity)
	require.Equal(t, "[\n]\n", show(t, GitLab, document(result("a")), Options{}))
	require.Len(t, gitLabOf(t, nasty()), 4)
	require.Equal(t, "a/b", gitLabOf(t, document(result("./a//b", torn())))[0].Location.Path)
}

// A finding is the same one wherever it stands, and no two are one.
func TestFingerprints(t *testing.T) {
	of := func(as ...anomaly) (all []string) {
		for _, r := range sarifOf(t, document(result("l", as...))).Runs[0].Results {
			all = append(all, r.PartialFingerprints["papyraLine/v1"])
		}
		return all
	}
	with := func(a anomaly, digest string) anomaly { a.Digest = digest; return a }
	a, b := with(corrupt(1), "a"), with(corrupt(2), "b")
	before := of(a, b)
	require.NotEqual(t, before[0], before[1])
	require.Equal(t, before[1:], of(with(corrupt(77), "b")), "it moved")
	require.NotEqual(t, before[1:], of(with(torn(), "b")), "another type")
	twice := of(a, with(corrupt(9), "a"), b)
	require.NotEqual(t, twice[0], twice[1], "the same text twice is two findings")
	require.Equal(t, before, []string{twice[0], twice[2]})
	require.NotEqual(t, of(anomaly{Type: record.OversizedLine, Length: 5}), of(anomaly{Type: record.OversizedLine, Length: 6}))
}
