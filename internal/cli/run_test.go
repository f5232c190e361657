package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// probe is a command with everything that commands embed.
type probe struct {
	Inputs
	Checking
	Retention
	Rewriting
	Output
	Mode  string `enum:"repair,quarantine" default:"repair" setting:"mode" help:"Repair or quarantine: ${enum}." group:"action"`
	Since Moment `placeholder:"WHEN" help:"Start here." group:"selection"`

	fail   error
	broken bool
	ran    bool
}

func (p *probe) Run(env *Env) error {
	p.ran = true
	fmt.Fprintln(env.Stdout, "ran")
	if p.broken {
		panic("index out of range \x1b[2J")
	}
	return p.fail
}

func (p *probe) Help() string { return "Examples:\n\n  papyra-probe events.ndjson" }

// testEnv is an environment without files, home or settings.
func testEnv(t *testing.T, vars map[string]string, stdin io.Reader) (env *Env, out, errs *bytes.Buffer) {
	t.Helper()
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	return &Env{
		Ctx: t.Context(), Stdin: stdin, Stdout: out, Stderr: errs,
		Getenv: func(k string) string { return vars[k] },
		Now:    func() time.Time { return time.Unix(1_710_000_000, 0) },
	}, out, errs
}

func TestRunExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		fail error
		code int
		err  string // part of what is said on stderr
		ran  bool
	}{
		{name: "fine", code: 0, ran: true},
		{name: "failed", fail: errors.New("open log: no such file"), code: 1, err: "papyra-probe: error: open log: no such file\n", ran: true},
		{name: "silent", fail: Exit(2), code: 2, ran: true},
		{name: "silent wrapped", fail: fmt.Errorf("scan: %w", Exit(3)), code: 3, ran: true},
		{name: "own code", fail: Failf(75, "locked"), code: 75, err: "error: locked", ran: true},
		{name: "usage in Run", fail: Usagef("no log given"), code: 80, err: "Try 'papyra-probe --help'.", ran: true},
		{name: "joined", fail: errors.Join(errors.New("one"), errors.New("two")), code: 1, err: "papyra-probe: error: one\npapyra-probe: error: two\n", ran: true},
		{name: "hostile", fail: errors.New("open \x1b[2J\u202e.ndjson"), code: 1, err: `open \x1b[2J\u{202e}.ndjson`, ran: true},
		{name: "unknown flag", args: []string{"--frmat", "json"}, code: 80, err: `did you mean "--format"?`},
		{name: "unknown word", args: []string{"--format", "jsno"}, code: 80, err: `did you mean "json"?`},
		{name: "word in capitals", args: []string{"--mode", "QUARANTINE"}, code: 0, ran: true},
		{name: "bad size", args: []string{"--max-total-bytes", "10M"}, code: 80, err: "write MB"},
		{name: "two guarantees", args: []string{"--offline", "--allow-race"}, code: 80, err: "can't be used together"},
		{name: "stall budget", args: []string{"--stall-budget", "21s"}, code: 80, err: "at most 20s"},
		{name: "no linger", args: []string{"--linger", "0"}, code: 80, err: "at least 1ms"},
		{name: "short linger", args: []string{"--linger", "1ms"}, code: 0, ran: true},
		{name: "help", args: []string{"--help"}, code: 0},
		{name: "help wins", args: []string{"--format", "json", "-h"}, code: 0},
		{name: "version", args: []string{"--version"}, code: 0},
		{name: "dash", args: []string{"-"}, code: 0, ran: true},
		{name: "dash as path", args: []string{"--path", "-"}, code: 0, ran: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env, out, errs := testEnv(t, nil, nil)
			cmd := &probe{fail: tt.fail}
			require.Equal(t, tt.code, Run(env, "papyra-probe", "Probe logs.", cmd, tt.args), errs.String())
			require.Contains(t, errs.String(), tt.err)
			if tt.err == "" {
				require.Empty(t, errs.String())
			}
			require.Equal(t, tt.ran, cmd.ran)
			require.Equal(t, tt.ran, strings.HasPrefix(out.String(), "ran"), out.String())
		})
	}
}

// A panic must not end with exit code 2, which says that anomalies were found.
func TestRunPanic(t *testing.T) {
	env, _, errs := testEnv(t, nil, nil)
	require.Equal(t, ExitFailed, Run(env, "papyra-probe", "Probe logs.", &probe{broken: true}, nil))
	require.Contains(t, errs.String(), `papyra-probe: internal error: index out of range \x1b[2J`)
	require.Contains(t, errs.String(), "run_test.go", "the stack")
}
