//go:build unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A read that waits for a pipe must end when the process is asked to stop, and
// must not lose data before that.
func TestInterruptibleStdin(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	env := &Env{StdinFile: r, Stdin: r}
	wake := interruptibleStdin(env, ctx)

	_, err = io.WriteString(w, "hello")
	require.NoError(t, err)
	buf := make([]byte, 16)
	n, err := env.Stdin.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "hello", string(buf[:n]))

	failed := make(chan error)
	go func() {
		_, err := env.Stdin.Read(buf)
		failed <- err
	}()
	why := errors.New("stop it")
	cancel(why)
	wake()
	require.ErrorIs(t, <-failed, why)
}

func TestInterruptibleStdinSeesTheEnd(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	env := &Env{StdinFile: r, Stdin: r}
	interruptibleStdin(env, t.Context())
	_, err = io.WriteString(w, "last words")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	data, err := io.ReadAll(env.Stdin)
	require.NoError(t, err)
	require.Equal(t, "last words", string(data))
}

func TestInterruptibleStdinLeavesFilesAlone(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "in"))
	require.NoError(t, err)
	defer f.Close()
	env := &Env{StdinFile: f, Stdin: f}
	interruptibleStdin(env, t.Context())
	require.Same(t, f, env.Stdin)
}

// napper waits for its standard input to end, then "cleans up".
type napper struct{ Deaf bool }

func (n *napper) Run(env *Env) error {
	fmt.Fprintln(env.Stdout, "ready")
	if n.Deaf {
		select {}
	}
	_, err := io.Copy(io.Discard, env.Stdin)
	fmt.Fprintln(env.Stdout, "cleaned up")
	return err
}

// TestNapper is not a test: it is the process that TestSignals starts.
func TestNapper(t *testing.T) {
	args := os.Getenv("TEST_NAPPER")
	if args == "" {
		t.Skip("started by TestSignals")
	}
	os.Args = append([]string{"napper"}, strings.Fields(args)[1:]...)
	os.Exit(Main("napper", "Nap.", &napper{}))
}

func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		name    string
		args    string
		signals []syscall.Signal
		code    int // -1: killed by the signal
		out     string
		err     string
	}{
		{"interrupt", "run", []syscall.Signal{syscall.SIGINT}, 130, "cleaned up\n", "napper: interrupted\n"},
		{"terminate", "run", []syscall.Signal{syscall.SIGTERM}, 143, "cleaned up\n", "napper: terminated\n"},
		{"the second one ends at once", "run --deaf", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, -1, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNapper$")
			cmd.Env = append(os.Environ(), "TEST_NAPPER="+tt.args)
			in, err := cmd.StdinPipe()
			require.NoError(t, err)
			defer in.Close()
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			var errs strings.Builder
			cmd.Stderr = &errs
			require.NoError(t, cmd.Start())
			ready := make([]byte, len("ready\n"))
			_, err = io.ReadFull(out, ready)
			require.NoError(t, err)

			done := make(chan struct{})
			go func() {
				// The first one may still be in the hands of the program when
				// the next one comes: go on until it ends.
				require.NoError(t, cmd.Process.Signal(tt.signals[0]))
				for len(tt.signals) > 1 {
					select {
					case <-done:
						return
					case <-time.After(10 * time.Millisecond):
						_ = cmd.Process.Signal(tt.signals[1])
					}
				}
			}()
			rest, err := io.ReadAll(out)
			require.NoError(t, err)
			_ = cmd.Wait()
			close(done)
			require.Equal(t, tt.code, cmd.ProcessState.ExitCode())
			require.Equal(t, tt.out, string(rest))
			require.Equal(t, tt.err, errs.String())
		})
	}
}
