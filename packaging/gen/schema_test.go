package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/dispatch"
	"github.com/papyra-tools/papyra/internal/step/maintain"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// The schema by which a settings file is read is the one of the flags.
func TestSchemaIsUpToDate(t *testing.T) {
	want, err := settingsSchema()
	require.NoError(t, err)
	require.Equal(t, string(want), string(cli.SettingsSchema), "run go generate ./internal/cli")
	want, err = logsSchema()
	require.NoError(t, err)
	require.Equal(t, string(want), string(maintain.Schema), "run go generate ./internal/step/maintain")
}

// Steps that have a setting in common mean the same by it.
func TestSettingsAgree(t *testing.T) {
	first := map[string]property{}
	for _, s := range dispatch.Steps() {
		flags, err := cli.SettingFlags([]cli.Step{s})
		require.NoError(t, err)
		for key, flag := range flags {
			p := propertyOf(flag)
			if _, ok := first[key]; !ok {
				first[key] = p
			}
			require.Equal(t, first[key].Type, p.Type, "%s of %s", key, s.Words)
			require.Equal(t, first[key].Enum, p.Enum, "%s of %s", key, s.Words)
			require.Equal(t, first[key].Default, p.Default, "%s of %s", key, s.Words)
		}
	}
	require.Len(t, first, len(cli.SettingKeys()))
}

// Another reader of schemas comes to the same verdict on a file as the tools
// do.
func TestSchemaJudgesAsTheToolsDo(t *testing.T) {
	python := testtool.Need(t, "python3")
	if err := exec.Command(python, "-c", "import jsonschema").Run(); err != nil {
		t.Skip("python3 has no jsonschema")
	}
	dir := t.TempDir()
	schema := filepath.Join(dir, "schema.json")
	require.NoError(t, os.WriteFile(schema, cli.SettingsSchema, 0o600))
	cases := map[string]bool{
		`{}`: true, `{"$schema": "x", "path": "a.ndjson"}`: true, `{"max_age": "30d"}`: true, `{"max_age": 5.5}`: true, `{"max_age": null}`: true,
		`{"max_age": {"*": "30d", "progress": 60}}`: true, `{"allow_kind": ["a", "b"]}`: true, `{"allow_kind": "a,b"}`: true,
		`{"persistence": {"max_records": 5}}`: true, `{"strict": true}`: true, `{"reader": "producer"}`: true,
		`[]`: false, `{"max_ages": "30d"}`: false, `{"max_age": true}`: false, `{"max_age": {"progress": []}}`: false, `{"allow_kind": [1]}`: false,
		`{"persistence": {"zzz": 5}}`: false, `{"persistence": 1}`: false, `{"strict": "yes"}`: false, `{"strict": 1}`: false,
		`{"reader": "prodcer"}`: false, `{"max_records": -1}`: false, `{"path": ["a"]}`: false, `{"quarantine_dir": {}}`: false,
	}
	var files []json.RawMessage
	var want []bool
	for text, good := range cases {
		name := filepath.Join(dir, "papyra.json")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		require.Equal(t, good, tools(t, name), text)
		files, want = append(files, json.RawMessage(text)), append(want, good)
	}
	input, err := json.Marshal(files)
	require.NoError(t, err)
	list := filepath.Join(dir, "files.json")
	require.NoError(t, os.WriteFile(list, input, 0o600))
	out, err := exec.Command(python, "-c", `
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
v = jsonschema.Draft202012Validator(schema)
print(json.dumps([v.is_valid(f) for f in json.load(open(sys.argv[2]))]))`, schema, list).Output()
	require.NoError(t, err)
	var got []bool
	require.NoError(t, json.Unmarshal(out, &got))
	for i := range files {
		require.Equal(t, want[i], got[i], string(files[i]))
	}
}

// tools reports whether the file is good for the command that looks at all
// settings.
func tools(t *testing.T, file string) bool {
	var out, errs bytes.Buffer
	env := &cli.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	code := cli.Run(env, dispatch.Step.Binary, "", dispatch.Step.New(), []string{"config", "show", "--config", file})
	if code != cli.ExitOK {
		require.Equal(t, cli.ExitUsage, code, errs.String())
	}
	return code == cli.ExitOK
}
