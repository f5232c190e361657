package windows_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// wine is a Windows of its own in a temporary folder.
type wine struct {
	t       *testing.T
	program string
	env     []string
}

func newWine(t *testing.T) *wine {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		testtool.Missing(t, "Wine runs programs for amd64, and this is %s", runtime.GOARCH)
	}
	program := "/usr/lib/wine/wine64" // where Debian has it, without a name in the PATH
	if _, err := os.Stat(program); err != nil {
		program = testtool.Need(t, "wine64")
	}
	prefix := t.TempDir()
	w := &wine{t, program, append(os.Environ(), "WINEPREFIX="+prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY=")}
	// One server for all that is run, which would else start and end with each.
	server := func(flag string) {
		cmd := exec.Command(filepath.Join(filepath.Dir(program), "wineserver64"), flag)
		cmd.Env = w.env
		_ = cmd.Run()
	}
	server("-p")
	t.Cleanup(func() { server("-k") })
	_ = w.command(t.TempDir(), "wineboot", "--init").Run() // its exit code tells nothing: some of what it starts may be missing
	library := filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(library); err != nil {
		require.NoError(t, os.WriteFile(library, prng(), 0o644))
	}
	return w
}

func (w *wine) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(w.program, args...)
	cmd.Dir, cmd.Env = dir, w.env
	return cmd
}

// build makes a program for one system.
func build(t *testing.T, goos string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(testtool.Need(t, "go"), append(args[:1:1], append([]string{"-o", dir + "/"}, args[1:]...)...)...)
	cmd.Dir = "../../.."
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

// outcome is what a program did: what it printed, how it ended, and the files
// that it left, by their contents.
type outcome struct {
	out, said string
	code      int
	files     map[string]string
}

func run(t *testing.T, cmd *exec.Cmd, stdin string) outcome {
	t.Helper()
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	files := map[string]string{}
	entries, err := os.ReadDir(cmd.Dir)
	require.NoError(t, err)
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(cmd.Dir, e.Name())); err == nil && !strings.Contains(e.Name(), "ledger") {
			files[e.Name()] = string(data)
		}
	}
	return outcome{out.String(), said.String(), cmd.ProcessState.ExitCode(), files}
}

func TestOnWindows(t *testing.T) {
	testtool.OnlyInCI(t, "builds everything once more")
	w := newWine(t)
	here, there := build(t, "linux", "build", "./cmd/papyra"), build(t, "windows", "build", "./cmd/papyra")
	t.Run("does the same", func(t *testing.T) {
		w.doesTheSame(t, filepath.Join(here, "papyra"), filepath.Join(there, "papyra.exe"))
	})
	t.Run("unit tests", w.unitTests)
	t.Run("scan and rotation", func(t *testing.T) { w.rotatesUnderAScan(t, filepath.Join(there, "papyra.exe")) })
}

// What the programs do on Windows is what they do here.
func (w *wine) doesTheSame(t *testing.T, here, there string) {
	record := func(at string) string { return `{"kind":"event","timestamp":` + at + "}\n" }
	for _, tt := range []struct {
		name, run, stdin string
		code             int
		words            bool // what is said is the same
	}{
		{name: "scan", run: "scan mixed.ndjson healthy.ndjson", code: 2, words: true},
		{name: "scan as JSON", run: "scan --json mixed.ndjson", code: 2, words: true},
		{name: "scan of what is not there", run: "scan none.ndjson", code: 1},
		{name: "scan of a set", run: "scan --rotated events.ndjson", code: 0, words: true},
		{name: "scan of a pipe", run: "scan", stdin: record("1") + `{"ki`, code: 2, words: true},
		{name: "filter", run: "filter --kind event --max-records 3 mixed.ndjson", code: 0},
		{name: "filter of a pipe", run: "filter --kind audit", stdin: record("1"), code: 0, words: true},
		{name: "repair as a pipe", run: "repair", stdin: record("1") + "x\n" + record("2"), code: 0},
		{name: "repair", run: "repair --force --offline mixed.ndjson", code: 3},
		{name: "repair of nothing", run: "repair --offline healthy.ndjson", code: 0},
		{name: "refused: nothing holds writers back", run: "compact --max-records 2 healthy.ndjson", code: -1},
		{name: "compact", run: "compact --offline --max-records 2 healthy.ndjson", code: 0},
		{name: "compact that would leave nothing", run: "compact --offline --max-records 0 healthy.ndjson", code: 1},
		{name: "append", run: "append healthy.ndjson", stdin: record("1710000009"), code: 0},
		{name: "append makes the log", run: "append new.ndjson", stdin: record("1") + record("2"), code: 0},
		{name: "append behind a torn line", run: "append torn.ndjson", stdin: record("1710000009"), code: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := strings.Fields(tt.run)
			var got [2]outcome
			for i := range got {
				dir := t.TempDir()
				for name, from := range map[string]string{"mixed.ndjson": "mixed.ndjson", "healthy.ndjson": "healthy.ndjson", "torn.ndjson": "half_healthy.ndjson",
					"events.ndjson": "rotated/events.ndjson", "events.ndjson.1": "rotated/events.ndjson.1", "events.ndjson.2.gz": "rotated/events.ndjson.2.gz"} {
					data, err := os.ReadFile(filepath.Join("../../../testdata/logs", from))
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
				}
				cmd := exec.Command(here, args...)
				if i == 1 {
					cmd = w.command(dir, append([]string{there}, args...)...)
				}
				cmd.Dir = dir
				got[i] = run(t, cmd, tt.stdin)
			}
			if tt.code < 0 { // Linux has leases
				require.Zero(t, got[0].code, got[0].said)
				require.Equal(t, 1, got[1].code, got[1].said)
				require.Contains(t, got[1].said, "--offline")
				return
			}
			require.Equal(t, tt.code, got[0].code, got[0].said)
			require.Equal(t, tt.code, got[1].code, got[1].said)
			require.Equal(t, got[0].out, got[1].out)
			require.Equal(t, got[0].files, got[1].files)
			if tt.words {
				require.Equal(t, got[0].said, got[1].said)
			}
		})
	}
}

// The tests of what is special to Windows, by themselves.
func (w *wine) unitTests(t *testing.T) {
	for name, only := range map[string]string{"opening": ".", "durable": "HardLinksAreCounted|CopyMetaTakes"} {
		t.Run(name, func(t *testing.T) {
			dir := build(t, "windows", "test", "-c", "./internal/"+name)
			r := run(t, w.command(t.TempDir(), filepath.Join(dir, name+".test.exe"), "-test.v", "-test.run", only), "")
			require.Zero(t, r.code, r.out+r.said)
			require.Contains(t, r.out, "--- PASS: Test")
			require.NotContains(t, r.out, "--- SKIP")
		})
	}
}

// A log that is being read is rotated by its producer.
func (w *wine) rotatesUnderAScan(t *testing.T, program string) {
	dir := t.TempDir()
	log := filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(log, []byte(`{"kind":"event","timestamp":1}`+"\n"+`{"ki`), 0o644))
	scan := w.command(dir, program, "scan", "--settle", "20s", "events.ndjson")
	var out bytes.Buffer
	scan.Stdout, scan.Stderr = &out, &out
	require.NoError(t, scan.Start())
	// cmd.exe asks as any program on Windows does; it must not be told that
	// somebody else uses the file, for as long as the scan waits for its last
	// line.
	for opened := false; !opened; time.Sleep(10 * time.Millisecond) {
		fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
		require.NoError(t, err)
		for _, fd := range fds {
			if name, err := os.Readlink(fd); err == nil && name == log {
				opened = true
			}
		}
	}
	r := run(t, w.command(dir, "cmd", "/c", "ren", "events.ndjson", "events.ndjson.1"), "")
	require.Zero(t, r.code, r.out+r.said)
	require.Contains(t, r.files, "events.ndjson.1")
	require.NotContains(t, r.files, "events.ndjson")
	require.NoError(t, scan.Process.Kill())
	_ = scan.Wait()
}
