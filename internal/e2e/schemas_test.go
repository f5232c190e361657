package e2e_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// reportRuns are runs of which the report is held against its schema. Before
// each, the directory has h, a healthy log, d, a damaged one, a, one of an app,
// and s, one with a line that is being written. OUT and ERR are where the
// report goes.
var reportRuns = []struct {
	schema, run string
	exit        int
}{
	{"scan", "papyra-scan --json h > OUT", 0},
	{"scan", "papyra-scan --json --verbose --strict d h none > OUT", 1},
	{"scan", "papyra-scan --json --missing ok none > OUT", 0},
	{"scan", "papyra-scan --json - < d > OUT", 2},
	{"scan", "papyra-scan --json --max-anomalies 1 d > OUT", 2},
	{"scan", "papyra-scan --json --range 0:300 d > OUT", 0},
	{"scan", "papyra-scan --json --range 300: d > OUT", 2},
	{"scan", "papyra-scan --json a > OUT", 2},
	{"scan", "papyra-scan --json . > OUT", 1},
	{"scan", "papyra-scan --json --profile pino a > OUT", 0},
	{"scan", "papyra-scan --json --settle 1ms $T/*.ndjson $T/compressed/*.gz > OUT", 1},
	{"scan", "papyra-scan --json --rotated $T/rotated/events.ndjson > OUT", 0},
	{"scan", "papyra-scan --json --rotated $T/rotation_gap/events.ndjson > OUT", 0},
	{"scan", "papyra-scan --json $T/interrupted/events.ndjson > OUT", 2},
	{"scan", "papyra-scan --json h > 1; papyra-scan --json d > 2; papyra-scan --json --merge 1 2 > OUT", 2},
	{"scan", "mkdir t; mv h t/h.jsonl; cp d t/d.jsonl; cp a t/a.jsonl; papyra-scan -r --profile auto --json t > OUT", 2},
	{"doctor", "mkdir t; cp d t/d.jsonl; cp a t/a.jsonl; papyra doctor run -r --profile auto --json t > OUT", 1},
	{"scan-line", "papyra-scan --format ndjson $T/*.ndjson none > OUT", 1},
	{"scan-line", "mkdir t; cp d t/d.jsonl; cp a t/a.jsonl; papyra-scan -r --profile auto --format ndjson t > OUT", 2},
	{"repair", "papyra-repair --json h > OUT", 0},
	{"repair", "papyra-repair --json d > OUT", 3},
	{"repair", "papyra-repair --json --dry-run d > OUT", 3},
	{"repair", "papyra-repair --json --no-ledger --offline --mode quarantine --quarantine-dir q d > OUT", 3},
	{"repair", "papyra-repair --json none h d > OUT", 1},
	{"repair", "papyra-repair --json --missing ok none > OUT", 0},
	{"repair", "papyra-repair --json < d 2> OUT > /dev/null", 3},
	{"repair", "papyra-repair --json $T/utf16.ndjson > OUT", 1},
	{"repair", "papyra-repair --json < $T/utf16.ndjson 2> OUT > /dev/null", 3},
	{"repair", "cp $T/compressed/cut.ndjson.gz z; papyra-repair --json z > OUT", 1},
	{"repair-line", "papyra-repair --format ndjson h d none > OUT", 1},
	{"repair", "cp d d.1; papyra-repair --json --rotated d > OUT", 3},
	{"undo", "papyra-repair -q d; papyra undo --json d > OUT", 0},
	{"undo", "papyra-repair -q d; cp d e; cp d.*.ledger l; cat h >> e; papyra-repair --json --undo l e > OUT", 0},
	{"undo", "papyra undo --json h > OUT", 1},
	{"ledger", "papyra-repair -q --fix-numbers --drop-unknown --force d; cp d.*.ledger OUT", 0},
	{"ledger", "truncate -s 2000000 h; cat a >> h; papyra-repair -q --force --ledger OUT h", 3},
	{"compact", "papyra-compact --json --max-records 3 h > OUT", 0},
	{"compact", "papyra-compact --json --max-age 1d --drop-kind audit --max-age event=5d --force --max-total-bytes 1MB --undated drop --dry-run h d > OUT", 0},
	{"compact", "cp h s; cp h s.1; gzip -c h > s.2.gz; cp h s.3; mkdir kept; papyra-compact --json --rotated --offline --max-records 3 --archive kept s > OUT", 0},
	{"compact", "papyra-compact --json --count --drop-kind audit --offline h > OUT", 0},
	{"compact", "mkdir o; papyra-compact --json --max-records 30 --max-records event=5 --archive o d > OUT", 0},
	{"compact", "papyra-compact --json --max-age 1s h > OUT", 1},
	{"compact", "papyra-compact --json h none > OUT", 1},
	{"compact", "papyra-compact --json --missing ok none > OUT", 0},
	{"compact", "papyra-compact --json --on-corrupt refuse --max-records 3 d > OUT", 2},
	{"compact", "papyra-compact --json --max-records 2 < h 2> OUT > /dev/null", 0},
	{"compact", "cat d | papyra-compact --json --max-records 2 --output o > OUT", 0},
	{"compact", "papyra-compact --json --max-records 0 < h 2> OUT", 3},
	{"compact-line", "papyra-compact --format ndjson --max-records 3 h d none > OUT", 1},
	{"filter", "papyra-filter --json --limit 2 h d 2> OUT > /dev/null", 0},
	{"filter", "papyra-filter --json --missing ok none 2> OUT", 0},
	{"filter-line", "papyra-filter --format ndjson h none 2> OUT > /dev/null", 1},
	{"inspect", "papyra-inspect --json h > OUT", 0},
	{"inspect", "papyra-inspect --json --max-records 3 --limit 1 d none - < h > OUT", 1},
	{"inspect", "papyra-inspect --json --max-age 1s h > OUT", 0},
	{"inspect", "papyra-inspect --json --range 0:300 d > OUT", 0},
	{"inspect", "papyra-inspect --json --rotated $T/rotated/events.ndjson > OUT", 0},
	{"inspect", "papyra-inspect --json --profile pino a > OUT", 0},
	{"inspect-line", "papyra-inspect --format ndjson h d > OUT", 0},
	{"append", "papyra-append --json n < h > OUT", 0},
	{"append", "papyra-append --json --sync interval=1s --on-invalid skip n < d > OUT", 0},
	{"append", "papyra-append --json --sync never n < d > OUT", 1},
	{"append", "papyra-append --json none/n < h > OUT", 1},
	{"append", "mkfifo p; exec 3<>p; papyra-append --json n < p > OUT & cat h >&3; printf '{\"kind' >&3; until [ -s n ]; do sleep 0.01; done; kill -TERM $!; wait $!", 143},
	{"append", "papyra-append --json --ack none/n < h 2> OUT", 1},
	{"append-ack", "papyra-append --ack --sync always n < h > OUT", 0},
	{"doctor", "papyra doctor run --json h > OUT", 0},
	{"doctor", "papyra doctor run --json --max-records 2 d none > OUT", 1},
	{"doctor", "papyra doctor run --json --mode ignore d > OUT", 0},
	{"doctor", "papyra doctor run --json --mode scan_only --max-age 1s h > OUT", 0},
	{"doctor", "papyra persistence startup-check --json d > OUT", 4},
	{"doctor", "papyra persistence startup-check --json --mode recover d > OUT", 5},
	{"doctor", "papyra doctor run --json --mode recover --recovery-mode quarantine --quarantine-dir q $T/healthy.ndjson x > OUT", 0},
	{"doctor", "cp $T/utf16.ndjson u; papyra doctor run --json --mode recover u > OUT", 1},
	{"maintain", logsOf("h d none") + "papyra maintain --json --dry-run l > OUT", 1},
	{"maintain", logsOf("h d") + "papyra maintain --json l > OUT", 3},
	{"maintain-line", logsOf("h d") + "papyra maintain --format ndjson l > OUT", 3},
	{"logs", logsOf("h d") + "cp l OUT; papyra maintain --dry-run OUT", 3},
	{"explain", "papyra explain --json d > OUT", 0},
	{"explain", "papyra explain --json d:1 > OUT", 0},
	{"metrics", "papyra metrics persistence --json > OUT", 0},
	{"config", "papyra config show --json > OUT", 0},
	{"config", "PAPYRA_PATH=h PAPYRA_MAX_AGE=3d papyra config show --json > OUT", 0},
	{"settings", `echo '{"persistence": {"max_age": "30d"}}' > OUT; papyra config show --config OUT`, 0},
	{"profile", "papyra profile show papyra > OUT", 0},
	{"profile", "papyra profile show otel > OUT", 0},
	{"profile-list", "papyra profile list --json > OUT", 0},
	{"profile-detect", "papyra profile detect --json h d a > OUT", 0},
	{"inspect", "papyra-inspect --json --profile pino --max-age 30=1s --drop-kind 40 --max-records 50=1 a > OUT", 0},
	{"record", "for x in events audits dead-letters summary; do papyra inspect $x --json h; done > OUT", 0},
}

// logsOf writes l, which tells papyra maintain to look after these logs.
func logsOf(names string) string {
	return `(printf '{"textfile": "%s/t", "mode": "recover", "linger": "1ms", "logs": [' "$PWD"; sep=; for f in ` + names +
		`; do printf '%s{"path": ["%s/%s"], "max_records": 3}' "$sep" "$PWD" $f; sep=,; done; echo ']}') > l; `
}

// document is a text and the schema that it is held against.
type document struct {
	Schema string `json:"schema"`
	Text   string `json:"text"`

	what string
	good bool
}

// documents are what the runs report, a line of NDJSON each by itself.
func documents(t *testing.T) (all []document) {
	testdata, err := filepath.Abs("../../testdata/logs")
	require.NoError(t, err)
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(testdata, name))
		require.NoError(t, err)
		return data
	}
	healthy := read("healthy.ndjson")
	damaged := bytes.Repeat(healthy, 20)
	for _, name := range []string{"glued_records", "corrupted_line", "nonstandard_number", "blank_line", "unknown_kind", "missing_newline"} {
		damaged = append(damaged, read(name+".ndjson")...)
	}
	app, err := os.ReadFile("../../testdata/profiles/pino.ndjson")
	require.NoError(t, err)
	for _, r := range reportRuns {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"h": healthy, "d": damaged, "a": app, "x": healthy} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
		}
		said, err := shell(t, dir, r.run, "T="+testdata)
		code := 0
		if exit := (*exec.ExitError)(nil); err != nil {
			require.ErrorAs(t, err, &exit)
			code = exit.ExitCode()
		}
		assert.Equal(t, r.exit, code, "%s\n%s", r.run, said)
		out, err := os.ReadFile(filepath.Join(dir, "OUT"))
		require.NoError(t, err)
		texts := []string{string(out)}
		if ndjson := strings.HasSuffix(r.schema, "-line") || slices.Contains([]string{"ledger", "append-ack", "record"}, r.schema); ndjson {
			texts = slices.Collect(strings.Lines(string(out)))
		}
		require.NotEmpty(t, texts, r.run)
		for _, text := range texts {
			all = append(all, document{Schema: r.schema, Text: text, what: r.run, good: true})
		}
	}
	return all
}

// optional are the members that a report may lack.
var optional = strings.Fields(`missing failure host settings compression omitted in_flight shard looks_like profile repair tree profiles line reason also guarantee longest_wait_ns
	processes_unseen recovered ledger guard remaining quarantined_as ledger_of newline_added unlimited output kept_by_kind unfinished_bytes
	members digest more text archived max_records_by_kind fields state first max_age_seconds_by_kind drop_kind refused retention persistence about kind time format known require id top marks sources bare
	title url max_age absent first_dated last_dated instead_of continues left`)

// open are the objects whose members have names of anybody's choice.
var open = strings.Fields(`kinds profiles settings kept_by_kind removed_by_kind by_kind max_age_seconds_by_kind max_records_by_kind`)

// mutants are reports that each have one thing wrong.
func mutants(t *testing.T, d document) (all []document) {
	var top any
	require.NoError(t, json.Unmarshal([]byte(d.Text), &top), d.what)
	put := func(what string) {
		text, err := json.Marshal(top)
		require.NoError(t, err)
		all = append(all, document{Schema: d.Schema, Text: string(text), what: what + ": " + d.what})
	}
	var walk func(path string, v any, set func(any))
	walk = func(path string, v any, set func(any)) {
		set(map[string]any{"strange": []any{}})
		put(path + " is something else")
		set(v)
		switch v := v.(type) {
		case map[string]any:
			last := path[strings.LastIndexByte(path, '/')+1:]
			anybodys := slices.Contains(open, last) || strings.Contains(path, "/removed/")
			if !anybodys {
				v["strange"] = 1
				put(path + " has one more member")
				delete(v, "strange")
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				x := v[key]
				if !anybodys && !slices.Contains(optional, key) && (d.Schema != "logs" || key == "logs" || key == "path") && !slices.Contains([]string{"counts", "types", "actions", "removed", "removed_by_limit", "by_limit"}, last) {
					delete(v, key)
					put(path + " lacks " + key)
				}
				walk(path+"/"+key, x, func(y any) { v[key] = y })
			}
		case []any:
			if len(v) > 0 {
				walk(path+"/0", v[0], func(y any) { v[0] = y })
			}
		case float64:
			if v >= 0 && !strings.Contains(path, "timestamp") && !strings.Contains(path, "start") && !strings.HasSuffix(path, "/mean") && !strings.Contains(path, "_second") && !strings.HasSuffix(path, "last_dated") {
				set(-7)
				put(path + " is negative")
				set(v)
			}
		}
	}
	walk("", top, func(y any) { top = y })
	return all
}

// wrong are reports with words that no table of the code has, or that
// contradict themselves: what is replaced, by what, in the first report of a
// schema that has it.
var wrong = []struct{ schema, old, by string }{
	{"scan", `"schema": 1`, `"schema": 2`},
	{"scan", `"type": "unknown_kind"`, `"type": "UNKNOWN_KIND"`},
	{"scan", `"severity": "error"`, `"severity": "fatal"`},
	{"scan", `"healthy": false,`, `"healthy": true,`},
	{"scan", `"failure": "`, `"failure": "", "x": "`},
	{"scan", `"missing": true`, `"missing": false`},
	{"scan", `"line": 1,`, `"line": 0,`},
	{"scan", `"compression": "gzip"`, `"compression": "lzma"`},
	{"scan", `"glued_records": 1`, `"glue": 1`},
	{"scan-line", `"record":"file"`, `"record":"summary"`},
	{"scan-line", `"record":"anomaly"`, `"record":"file"`},
	{"repair", `"guarantee":"exclusive"`, `"guarantee":"best_effort"`},
	{"repair", `"dropped":`, `"drop":`},
	{"repair", `"changed":false`, `"changed":"no"`},
	{"compact", `"undated":"keep"`, `"undated":"maybe"`},
	{"compact", `"drop_kind":{`, `"kind":{`},
	{"append", `"sync":"batch"`, `"sync":"often"`},
	{"doctor", `"mode":"recover"`, `"mode":"repair"`},
	{"doctor", `"mode":"ignore"`, `"mode":"recover"`},
	{"maintain", `"result":"ok"`, `"result":"fine"`},
	{"logs", `"mode": "recover"`, `"mode": "repair"`},
	{"ledger", `"action":"dropped"`, `"action":"lost"`},
	{"ledger", `"sha256":"`, `"sha256":"x`},
	{"ledger", `"zeros":true`, `"zeros":false`},
	{"ledger", `"type":"summary"`, `"type":"sum"`},
	{"metrics", `"reads":`, `"read":`},
	{"config", `"source":"default"`, `"source":null`},
}

// schemaDir is a directory with all schemas, as they are installed.
func schemaDir(t *testing.T) string {
	dir := t.TempDir()
	files, err := filepath.Glob("../../packaging/schemas/*.schema.json")
	require.NoError(t, err)
	for _, name := range append(files, "../../internal/cli/settings.schema.json", "../../internal/step/maintain/logs.schema.json", "../../pkg/record/profile.schema.json") {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), data, 0o600))
	}
	return dir
}

// What the programs report is what the schemas say, by two validators of other
// makes; what is one step away from it is refused.
func TestSchemas(t *testing.T) {
	testtool.OnlyInCI(t, "runs each step many times")
	t.Parallel()
	all := documents(t)
	first := map[string]bool{}
	for _, d := range all {
		if !first[d.Schema] && d.Schema != "record" {
			first[d.Schema] = true
			all = append(all, mutants(t, d)...)
		}
	}
	for _, w := range wrong {
		i := slices.IndexFunc(all, func(d document) bool { return d.good && d.Schema == w.schema && strings.Contains(d.Text, w.old) })
		require.GreaterOrEqual(t, i, 0, "no report has %s", w.old)
		all = append(all, document{Schema: w.schema, Text: strings.Replace(all[i].Text, w.old, w.by, 1), what: w.old + " is " + w.by})
	}
	schemas, err := filepath.Glob(filepath.Join(schemaDir(t), "*"))
	require.NoError(t, err)
	for _, name := range schemas {
		name, _, _ = strings.Cut(filepath.Base(name), ".")
		require.True(t, first[name] || name == "common" || name == "record", "no run has a report of the schema %s", name)
	}
	t.Logf("%d reports, %d of them wrong", len(all), len(slices.DeleteFunc(slices.Clone(all), func(d document) bool { return d.good })))
	for name, command := range map[string]func(*testing.T) []string{"jsonschema": jsonschema, "ajv": ajv} {
		t.Run(name, func(t *testing.T) {
			args := command(t)
			input, err := json.Marshal(all)
			require.NoError(t, err)
			cmd := exec.Command(args[0], append(args[1:], schemaDir(t))...)
			cmd.Stdin = bytes.NewReader(input)
			var said bytes.Buffer
			cmd.Stderr = &said
			out, err := cmd.Output()
			require.NoError(t, err, said.String())
			var got []string // what is wrong
			require.NoError(t, json.Unmarshal(out, &got))
			require.Len(t, got, len(all))
			for i, d := range all {
				if d.good != (got[i] == "") {
					t.Errorf("%s by %s: %s\n%s\n%.3000s", map[bool]string{true: "refused", false: "accepted"}[d.good], d.Schema, d.what, got[i], d.Text)
				}
			}
		})
	}
}

func jsonschema(t *testing.T) []string {
	python := testtool.Need(t, "python3")
	if err := exec.Command(python, "-c", "import jsonschema, referencing").Run(); err != nil {
		testtool.Missing(t, "python3 with jsonschema: %v", err)
	}
	return []string{python, "testdata/schemas/validate.py"}
}

// ajv is installed where nothing is kept.
func ajv(t *testing.T) []string {
	node, npm, dir := testtool.Need(t, "node"), testtool.Need(t, "npm"), t.TempDir()
	if out, err := exec.Command(npm, "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", dir, "ajv@8.17.1").CombinedOutput(); err != nil {
		testtool.Missing(t, "ajv: %v\n%s", err, out)
	}
	return []string{node, "testdata/schemas/validate.cjs", filepath.Join(dir, "node_modules/ajv/dist/2020")}
}

// The words of the schemas are those of the tables.
func TestSchemaWords(t *testing.T) {
	data, err := os.ReadFile("../../packaging/schemas/common.schema.json")
	require.NoError(t, err)
	var common struct {
		Defs map[string]struct{ Enum []string } `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &common))
	words := map[string][]string{"severity": {record.Error.String(), record.Warning.String()}}
	for _, typ := range record.Types() {
		words["type"] = append(words["type"], typ.String())
	}
	for a := mend.Dropped; a <= mend.Rejoined; a++ {
		words["action"] = append(words["action"], a.String())
	}
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		words["limit"] = append(words["limit"], l.String())
	}
	for _, g := range []durable.Guarantee{durable.Exclusive, durable.Offline, durable.Raced} {
		words["guarantee"] = append(words["guarantee"], string(g))
	}
	for name, want := range words {
		require.ElementsMatch(t, want, common.Defs[name].Enum, name)
	}
}
