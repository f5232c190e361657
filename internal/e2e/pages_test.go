package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// elsewhere are the programs of the pages that are not run as they are, and
// what is done in their place.
var elsewhere = map[string]string{
	"make":          "would build; make -n tells whether the targets are there",
	"go":            "would build or run a campaign; packages, tests and what genlog takes are looked at",
	"genlog":        "writes 64 kB in place of gigabytes",
	"split":         "writes 10 files in place of 10,000",
	"curl":          "there is no network; hands over a compressed log",
	"producer":      "is the reader's own; prints records",
	"journalctl":    "there may be no journal; prints one",
	"systemctl":     "there may be no systemd",
	"redis-cli":     "there may be no server; internal/redis in scale tries one",
	"papyra-beam":   "a module of its own, which make scale tests",
	"papyra-export": "the same",
}

// ready says what must have happened before a single example can be tried.
var ready = []struct{ example, script string }{
	{"papyra undo", "papyra-repair events.ndjson"},
	{"papyra-repair --undo events.ndjson.repair-1710000000000.ledger", "papyra-repair --ledger events.ndjson.repair-1710000000000.ledger events.ndjson"},
	{"jq -c", `echo '{"n": "depth", "v": 7, "msg": "hello"}' > in.json`},
	{"papyra-compact --through", "papyra-repair events.ndjson"},
	{"papyra explain events.ndjson.2.gz", "gzip -fc damaged.ndjson > events.ndjson.2.gz"},
	{"papyra metrics", "papyra-scan --textfile papyra.prom events.ndjson"},
	{"papyra profile check mine.json", "papyra profile show pino > mine.json"},
	{"papyra shards --size", "export JOB_COMPLETION_INDEX=0"},
	{"papyra shards --print0", "mkdir -p out"},
	{"set -eu", `papyra shards logs/*.ndjson > "$REPORTS/shards"`},
	{"papyra-scan --merge /reports", `papyra-scan --report "json=$REPORTS/0.json" -q events.ndjson`},
}

// outside are names of places that pages take from a machine's own tree.
var outside = regexp.MustCompile(`(^|[\s"'=])(/(?:etc|logs|mnt|reports|usr/local/bin|var)\b)`)

// TestPages runs every command line that stands in a page, in an example of a
// man page, or in what is packaged for cron, systemd, Kubernetes and the like,
// by a shell, with files of the names that they use. Each must end well; those
// that judge a log may find it damaged. So no page names a flag that is not
// there.
func TestPages(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the pages are written for a shell")
	}
	for _, name := range []string{"bash", "jq", "zstd", "gzip", "parallel", "python3", "git"} {
		testtool.Need(t, name)
	}
	t.Parallel()
	stage := newStage(t)
	var ours atomic.Int64
	t.Run("run", func(t *testing.T) {
		for _, b := range commandBlocks(t) {
			t.Run(b.where, func(t *testing.T) {
				t.Parallel()
				said := stage.run(t, b)
				ours.Add(int64(said))
				if strings.Contains(b.text, "papyra") && !notOurs.MatchString(b.text) {
					require.Positive(t, said, "nothing of ours was run:\n%s", b.text)
				}
			})
		}
	})
	t.Logf("%d runs of our programs", ours.Load())
	require.Greater(t, ours.Load(), int64(200))
}

// notOurs are blocks that name us and may run nothing of ours.
var notOurs = regexp.MustCompile(`papyra-(beam|export|merge-ndjson)|systemctl|make |go (test|run) `)

// refused is how a page says that a command is to fail.
var refused = regexp.MustCompile(`# exit code (\d+)\b`)

// stage is where command lines are tried.
type stage struct {
	repo string
	path string // folder of the programs
	tree string // what a reader's machine holds; copied for each block
	logs map[string][]byte
}

func newStage(t *testing.T) *stage {
	repo, err := filepath.Abs("../..")
	require.NoError(t, err)
	// In memory, for a rewrite waits for the disk several times.
	dir, err := os.MkdirTemp("/dev/shm", "papyra-pages-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &stage{repo: repo, path: filepath.Join(dir, "path"), tree: filepath.Join(dir, "tree")}
	require.NoError(t, os.Mkdir(s.path, 0o755))
	link := func(script, name string) {
		require.NoError(t, os.Symlink(filepath.Join(repo, "internal/e2e/testdata/pages", script), filepath.Join(s.path, name)))
	}
	mains, err := filepath.Glob(repo + "/cmd/*")
	require.NoError(t, err)
	for _, m := range mains {
		link("papyra.sh", filepath.Base(m))
	}
	for name := range elsewhere {
		link("elsewhere.sh", name)
	}
	s.logs = plant(t, s.tree, repo)
	return s
}

// run tries one block and returns how many runs of our programs it made.
func (s *stage) run(t *testing.T, b commandBlock) int {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(s.path), "")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NoError(t, os.CopyFS(dir, os.DirFS(s.tree)))
	require.NoError(t, os.Symlink(filepath.Join(s.repo, "packaging"), filepath.Join(dir, "packaging")))
	profile := "pino"
	if m := regexp.MustCompile(`--profile (\w+)|detect.*# app.log: (\w+)`).FindStringSubmatch(b.text); m != nil && s.logs[m[1]+m[2]] != nil {
		profile = m[1] + m[2]
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "app.log"), s.logs[profile], 0o644))
	here := func(text string) string { return outside.ReplaceAllString(text, "${1}"+dir+"$2") }
	env := append(os.Environ(), "PATH="+s.path+":"+os.Getenv("PATH"), "HOME="+dir, "TMPDIR="+dir+"/tmp", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+dir+"/none",
		"PAPYRA_LINGER=1ms", "PAPYRA_SETTLE=1ms", "PAGES_BIN="+testtool.Programs(t), "PAGES_REPO="+s.repo, "PAGES_DIR="+dir, "PAGES_PATH="+os.Getenv("PATH"),
		"PAGES_EXIT="+strings.Join(refused.FindStringSubmatch(b.text), " "), "PAGES_LOG="+dir+"/runs", "GITHUB_STEP_SUMMARY=summary.md", "JOB_COMPLETION_INDEX=0", "REPORTS="+dir+"/reports")
	require.NoError(t, os.WriteFile(dir+"/etc/papyra/app.json", []byte(here(`{"path": "/var/lib/app/events.ndjson", "max_age": "30d"}`)), 0o644))
	example, err := os.ReadFile(filepath.Join(s.repo, "packaging/logs.d/app.json.example"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(dir+"/etc/papyra/logs.d/app.json.example", []byte(here(string(example))), 0o644))
	logs := cmp.Or(b.logs, `{"logs": [{"path": "/var/lib/app/events.ndjson", "max_age": "30d", "mode": "recover"}]}`)
	require.NoError(t, os.WriteFile(dir+"/etc/papyra/logs.d/app.json", []byte(here(logs)), 0o644))
	if b.settings != "" {
		require.NoError(t, os.WriteFile(dir+"/etc/papyra.json", []byte(here(b.settings)), 0o644))
		env = append(env, "PAPYRA_CONFIG="+dir+"/etc/papyra.json")
	}
	script := "set -e -o pipefail\n"
	for _, r := range ready {
		if strings.HasPrefix(strings.TrimSpace(b.text), r.example) && b.single {
			script += r.script + "\n"
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script+here(b.text))
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, time.Second
	out, err := cmd.CombinedOutput()
	runs, _ := os.ReadFile(dir + "/runs")
	require.NoError(t, err, "%s:\n%s\nsaid:\n%s\nexit codes:\n%s", b.where, b.text, out, runs)
	for _, line := range b.prints {
		want := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		require.Regexp(t, `(?m)^`+want+`$`, string(out), b.where)
	}
	for _, code := range refused.FindAllStringSubmatch(b.text, -1) {
		require.Regexp(t, `(?m)^`+code[1]+`\t`, string(runs), "%s: no such exit code", b.where)
	}
	return bytes.Count(runs, []byte("\n"))
}

// plant writes the files that pages name into dir, and returns the logs of
// other programs by the name of their profile.
func plant(t *testing.T, dir, repo string) map[string][]byte {
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	events := func(n int) string {
		var b strings.Builder
		now := time.Now().Unix() + 600 - int64(n) // a test that takes its time must not make them old
		for i := range n {
			at := now + int64(i)
			switch i % 4 {
			case 0:
				fmt.Fprintf(&b, `{"kind": "event", "system_id": "local", "actor_address": "local://1", "event_type": "ActorCrashed", "payload": {"id": %d}, "timestamp": %d}`, i, at)
			case 1:
				fmt.Fprintf(&b, `{"kind": "audit", "system_id": "local", "timestamp": %d, "total_actors": 3, "alive_actors": 2, "dead_letters_count": 4, "registry_orphans": []}`, at)
			case 2:
				fmt.Fprintf(&b, `{"kind": "dead_letter", "system_id": "local", "target": "local://1", "message_type": "str", "payload": "a", "timestamp": %d}`, at)
			default:
				fmt.Fprintf(&b, `{"kind": "metric", "timestamp": %d, "name": "mailbox.depth", "value": 7}`, at)
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	healthy := events(600)
	lines := strings.SplitAfter(healthy, "\n")
	lines[119] = lines[119][:20] + lines[119]
	damaged := strings.Join(lines, "")
	archive := "var/archive/events.ndjson.20240309T160000Z-20240409T155959Z.ndjson"
	for name, text := range map[string]string{
		"events.ndjson": damaged, "events.ndjson.1": events(8), "events.ndjson.2": events(8), "damaged.ndjson": damaged, "old.ndjson": healthy, "big.ndjson": damaged,
		"part-1.ndjson": events(8), "part-2.ndjson": events(8), "logs/a.ndjson": damaged, "logs/1/b.ndjson": healthy, "producer.out": events(8), "curl.out": healthy,
		"transcripts/project/a.jsonl": strings.Repeat(`{"type":"user","uuid":"a","timestamp":"2026-03-12T07:12:10Z"}`+"\n", 20),
		"selected/MANIFEST":           "a.ndjson\n", "selected/a.ndjson": healthy,
		"var/log/papyra/a.ndjson": damaged, "var/lib/app/events.ndjson": damaged, "mnt/nfs/events.ndjson": damaged, archive: healthy,
		"pretty.log": "{\n  \"kind\": \"event\",\n  \"timestamp\": 1\n}\n", "latin1.ndjson": `{"kind":"event","timestamp":1,"payload":"caf` + "\xe9\"}\n",
		".ci/run": "#!/bin/sh\n",
	} {
		write(name, text)
	}
	require.NoError(t, os.Chmod(dir+"/.ci/run", 0o755))
	for name, from := range map[string]string{"torn": "truncated_line", "nuls": "nul_bytes"} {
		text, err := os.ReadFile(filepath.Join(repo, "testdata/logs", from+".ndjson"))
		require.NoError(t, err)
		write(name+".ndjson", string(text))
	}
	for _, name := range []string{"tmp", "mnt/nfs", "reports", "var/lib/node-exporter", "var/lib/prometheus/node-exporter", "var/lib/papyra", "usr/local/bin", "etc/papyra/logs.d"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
	}
	for _, args := range [][]string{{"gzip", "-k", "old.ndjson"}, {"gzip", "curl.out"}, {"cp", "old.ndjson.gz", "logs"}, {"mv", "curl.out.gz", "curl.out"}, {"gzip", "events.ndjson.2"}, {"zstd", "-q", "old.ndjson"}, {"zstd", "-q", "--rm", archive}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	logs := map[string][]byte{}
	for name, lines := range testtool.Samples(t, repo) {
		logs[name] = append(bytes.Join(lines, []byte("\n")), '\n')
	}
	// A torn record, and one of today, so that an age limit leaves something.
	logs["pino"] = fmt.Appendf(logs["pino"], `{"level":30,"tim`+"\n"+`{"level":50,"time":%d,"pid":1,"hostname":"web2","msg":"it broke"}`+"\n", time.Now().UnixMilli())
	write("var/log/app/a.ndjson", string(logs["pino"]))
	write("transcripts/a/t.ndjson", string(logs["transcript"]))
	write("transcripts/a/t.log", string(logs["pino"]))
	write("journald.ndjson", string(logs["journald"]))
	write("app-json.log", string(logs["docker"]))
	write("var/lib/docker/containers/c1/c1-json.log", string(logs["docker"]))
	return logs
}
