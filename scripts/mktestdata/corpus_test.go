package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// A repair invents nothing, and loses no more than is said here: where a
// fragment and a record could be taken apart in two ways, neither is guessed.
func TestCorpus(t *testing.T) {
	cases, err := corpus()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(cases), 1000)
	seen := map[string]bool{}
	whole, lost := 0, map[string]int{}
	for _, c := range cases {
		require.False(t, seen[c.ID], c.ID)
		seen[c.ID] = true
		for _, w := range c.Whole {
			require.True(t, bytes.Contains(c.Input, w), c.ID)
		}
		whole += len(c.Whole)

		log := func() *stream.Log {
			l, err := stream.FromReader("-", bytes.NewReader(c.Input))
			require.NoError(t, err)
			return l
		}
		found, err := survey.Log(context.Background(), log(), survey.Options{})
		require.NoError(t, err)
		require.Positive(t, found.Total(), "%s is damaged", c.ID)

		var out bytes.Buffer
		_, err = mend.Repair(context.Background(), log(), &out, mend.Options{Checker: record.NewChecker(record.Options{})})
		require.NoError(t, err)
		left := c.Whole
		for line := range bytes.Lines(out.Bytes()) {
			line = bytes.TrimSuffix(line, []byte("\n"))
			for len(left) > 0 && !bytes.Equal(left[0], line) {
				left = left[1:]
				lost[c.Labels[0]]++
			}
			require.NotEmpty(t, left, "%s: invented %q", c.ID, line)
			left = left[1:]
		}
		lost[c.Labels[0]] += len(left)
	}
	t.Logf("%d records, lost: %v", whole, lost)
	for label, n := range lost {
		require.LessOrEqual(t, n, map[string]int{"glued_records": 42}[label], label)
	}
}

// The script counts what a tool notices, saves, loses and invents: here with
// tools of which that is known.
func TestScore(t *testing.T) {
	python := testtool.Need(t, "python3")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"papyra-repair": `printf '{"a":1}\n'`,                                     // the same for every case: right once, and its bytes
		"jq":            `printf '{ "a" : 1.0 }\n{"b":2}\n'; echo oh >&2; exit 5`, // the value only, and one too many
		"gojq":          "exit 0",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	// In base64: {"a":1} and {"c", then nothing but {"a":1.
	cases := `{"id":"x","input_base64":"eyJhIjoxfQp7ImMi","whole":["eyJhIjoxfQ=="],"labels":["truncated_line"]}
{"id":"y","input_base64":"eyJhIjox","whole":[],"labels":["truncated_line"]}
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cases"), []byte(cases), 0o600))
	cmd := exec.Command(python, "../score", filepath.Join(dir, "cases"))
	cmd.Env = append(os.Environ(), "PATH="+dir+":/bin:/usr/bin")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, row := range []string{"2 cases, 1 whole records", "| `python3, json.loads` | 2 | 1 | 0 | 0 | 0 |", "| `papyra-repair` | 0 | 1 | 1 | 0 | 1 |",
		"| `jq -c .` | 2 | 1 | 0 | 0 | 3 |", "| `gojq -c .` | 0 | 0 | 0 | 1 | 0 |"} {
		require.Contains(t, string(out), row+"\n")
	}
}
