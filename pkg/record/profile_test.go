package record

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/presets"
	"github.com/papyra-tools/papyra/internal/testtool"
)

func TestPresets(t *testing.T) {
	require.Equal(t, strings.Fields("any batch bunyan caddy cloudflare docker ecs journald logrus logstash nextcloud otel papyra pino rollout slog structlog traefik transcript winston zap zerolog"), PresetNames())
	for _, name := range PresetNames() {
		p, err := Preset(name)
		require.NoError(t, err)
		require.Equal(t, name, p.Name)
		require.NotEmpty(t, p.About, name)
		require.NotEmpty(t, p.Sources, name)
		for _, s := range p.Sources {
			require.NotEmpty(t, s.Title, name)
			require.NotEmpty(t, s.URL, name)
		}
	}
	_, err := Preset("pinno")
	require.EqualError(t, err, `unknown profile "pinno"; did you mean "pino"?`)
}

func TestPapyraProfile(t *testing.T) {
	require.Equal(t, KindRule{Field: "kind", Known: []KindValue{{Text: "event"}, {Text: "audit"}, {Text: "dead_letter"}, {Text: "metric"}}}, Papyra().Kind)
	require.Equal(t, TimeRule{Field: "timestamp", Format: Unix, Bare: true}, Papyra().Time)
	require.Equal(t, [][]Field{{"kind"}, {"timestamp"}}, Papyra().Require)
	require.True(t, Papyra().Requires("kind"))
	require.False(t, Papyra().Requires("payload"))
}

func TestParseProfile(t *testing.T) {
	p, err := ParseProfile([]byte(`{
	"name": "mine",
	"kind": {"field": "/meta/a~1b", "known": ["x", 7]},
	"time": {"field": "@timestamp", "format": "unix_us"},
	"require": ["/meta/a~1b", ["one", "other"]],
	"id": "uuid", "refers": "parent", "top": ["host"], "marks": ["host"]
}`))
	require.NoError(t, err)
	require.Equal(t, Field("/meta/a~1b"), p.Kind.Field)
	require.Equal(t, Field("@timestamp"), p.Time.Field)
	require.Equal(t, `7`, string(pick.NewFinder(string(p.Kind.Field)).Find([]byte(`{"meta":1,"meta":{"a/b":6,"a\u002fb":7}}`))))
	require.Nil(t, pick.NewFinder(string(p.Kind.Field)).Find([]byte(`{"meta":"{\"a/b\":7}"}`)))
	require.Equal(t, []KindValue{{Text: "x"}, {Text: "7", Integer: true}}, p.Kind.Known)
	require.Equal(t, [][]Field{{"/meta/a~1b"}, {"one", "other"}}, p.Require)

	p, err = ParseProfile([]byte(`{"name":"mine","time":{"field":"t","format":"rfc3339"}}`))
	require.NoError(t, err)
	require.Equal(t, [][]Field{{"t"}}, p.Require)
	require.False(t, p.HasKind())
}

func TestParseProfileSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		``:                `1:1: not JSON: the text ends too early`,
		`[]`:              `1:1: profile: want an object, not an array`,
		`{}`:              `1:1: a profile has a "name"`,
		`{"name":1}`:      `1:9: name: want a string, not a number`,
		`{"name":"a b"}`:  `1:9: name "a b": want lower-case letters, digits, "_" and "-", and not "auto"`,
		`{"name":"auto"}`: `1:9: name "auto": want lower-case letters, digits, "_" and "-", and not "auto"`,
		"{\n  \"name\": \"a\",\n  \"knd\": {}\n}":                    `3:3: unknown key "knd"; did you mean "kind"?`,
		`{"name":"a","name":"b"}`:                                    `1:13: "name" is set twice`,
		`{"name":"ü","x":1}`:                                         `1:9: name "ü": want lower-case letters, digits, "_" and "-", and not "auto"`,
		`{"about":"ü","x":1}`:                                        `1:14: unknown key "x"`,
		`{"name":"a","kind":{"feld":"x"}}`:                           `1:21: unknown key "feld"; did you mean "field"?`,
		`{"name":"a","kind":{}}`:                                     `1:20: kind: "field" is missing`,
		`{"name":"a","kind":"level"}`:                                `1:20: kind: want an object, not a string`,
		`{"name":"a","kind":{"field":"/a/b/c/d/e"}}`:                 `1:29: kind.field: field "/a/b/c/d/e": the path has 5 keys, at most 4 are allowed`,
		`{"name":"a","kind":{"field":"/a~2"}}`:                       `1:29: kind.field: field "/a~2": in a path, "~" is written "~0", and "/" inside of a key "~1"`,
		`{"name":"a","kind":{"field":""}}`:                           `1:29: kind.field: a field has a name`,
		`{"name":"a","kind":{"field":"k","known":[1.5]}}`:            `1:42: kind.known: want strings or integers, not a number`,
		`{"name":"a","kind":{"field":"k","known":[1,1]}}`:            `1:44: kind.known: "1" is listed twice`,
		`{"name":"a","kind":{"field":"k","known":[]}}`:               `1:41: kind.known: an empty list would know no kind; leave it out to know all`,
		`{"name":"a","time":{"field":"t"}}`:                          `1:20: time: "format" is missing: one of unix, unix_ms, unix_us, unix_ns, rfc3339`,
		`{"name":"a","time":{"field":"t","format":"unixms"}}`:        `1:42: time.format: unknown format "unixms"; did you mean "unix_ms"?`,
		`{"name":"a","time":{"field":"t","format":"unix","bare":1}}`: `1:56: time.bare: want a boolean, not a number`,
		`{"name":"a","require":"kind"}`:                              `1:23: require: want an array, not a string`,
		`{"name":"a","require":[[]]}`:                                `1:24: require: an empty list can't be fulfilled`,
		`{"name":"a","require":[null]}`:                              `1:24: require: want a string, not null`,
		`{"name":"a","refers":"p"}`:                                  `1:1: "refers" requires "id", which says what is referred to`,
		`{"name":"a"} x`:                                             `1:14: more text after the value`,
		`{"name":"a",}`:                                              `1:13: not JSON: invalid character '}' looking for beginning of object key string`,
		"{\"name\":\"\xff\"}":                                        `1:10: not UTF-8`,
		`{"name":"a","top":` + strings.Repeat("[", 100):              `1:83: nested too deeply`,
	} {
		_, err := ParseProfile([]byte(text))
		require.EqualError(t, err, want, text)
	}
	_, err := ParseProfile(bytes.Repeat([]byte(" "), maxProfileBytes+1))
	require.EqualError(t, err, "1:1: too large for a profile")
}

func FuzzParseProfile(f *testing.F) {
	for _, name := range PresetNames() {
		data, err := presets.File(name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProfile(data)
		if (p == nil) == (err == nil) {
			t.Fatal("neither profile nor error, or both")
		}
	})
}

// TestProfileSchema asks an implementation of JSON Schema what it thinks of the
// presets, and of what ParseProfile refuses.
func TestProfileSchema(t *testing.T) {
	python := testtool.Need(t, "python3")
	if err := exec.Command(python, "-c", "import jsonschema").Run(); err != nil {
		testtool.Missing(t, "python3 with jsonschema: %v", err)
	}
	schema, err := os.ReadFile("profile.schema.json")
	require.NoError(t, err)
	all := []json.RawMessage{schema}
	for _, name := range PresetNames() {
		data, err := presets.File(name)
		require.NoError(t, err)
		all = append(all, data)
	}
	valid := len(all) - 1
	for _, text := range []string{`{}`, `{"name":"A"}`, `{"name":"auto"}`, `{"name":"a","knd":{}}`, `{"name":"a","kind":{}}`, `{"name":"a","kind":{"field":"/a/b/c/d/e"}}`,
		`{"name":"a","kind":{"field":"/a~2"}}`, `{"name":"a","kind":{"field":"k","known":[]}}`, `{"name":"a","time":{"field":"t"}}`, `{"name":"a","require":[[]]}`, `{"name":"a","refers":"p"}`} {
		all = append(all, json.RawMessage(text))
		_, err := ParseProfile([]byte(text))
		require.Error(t, err, text)
	}
	in, err := json.Marshal(all)
	require.NoError(t, err)
	cmd := exec.Command(python, "-c", `
import json, sys, jsonschema
schema, *profiles = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(schema)
judge = jsonschema.Draft202012Validator(schema)
print(json.dumps([judge.is_valid(p) for p in profiles]))`)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	require.NoError(t, err)
	var says []bool
	require.NoError(t, json.Unmarshal(out, &says))
	require.Len(t, says, len(all)-1)
	for i, ok := range says {
		require.Equal(t, i < valid, ok, "%s", all[i+1])
	}
}

func allPresets(t testing.TB) (all []*Profile) {
	for _, name := range PresetNames() {
		p, err := Preset(name)
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

// samples are the lines of the healthy logs, by the name of their profile.
func samples(t testing.TB) map[string][][]byte {
	all := testtool.Samples(t, "../..")
	require.Len(t, all, len(PresetNames()), "each profile has a sample")
	return all
}
