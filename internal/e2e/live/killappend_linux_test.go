package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestKillAppend kills papyra-append before its system calls on the log, which
// it has to create. What it acknowledged must be there; nothing may be there
// twice or torn; and the next append carries on.
func TestKillAppend(t *testing.T) {
	t.Parallel()
	testtool.Program(t, "papyra-append")
	const records = 12
	ack := func(dir string) string { return filepath.Join(dir, "ack") }
	var bg *background
	s := &sweep{t: t, paths: logPaths, stride: stride(2), must: []string{"openat", "write", "fsync", "flock", "fcntl", "close"}}
	s.scene = func(dir string) {
		require.NoError(t, os.Mkdir(filepath.Join(dir, "log"), 0o755))
		bg = nobody()
		if s.kills%2 == 1 { // a writer would create the log, which is the append's part every other time
			bg = startBackground(logPath(dir), "bg", 300*time.Microsecond)
		}
	}
	s.command = func(dir string) *exec.Cmd {
		cmd := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", "--sync", "always", "--ack", logPath(dir))
		cmd.Stdin = bytes.NewReader(appendInput("app", records))
		out, err := os.Create(ack(dir))
		require.NoError(t, err)
		t.Cleanup(func() { out.Close() })
		cmd.Stdout = out
		return cmd
	}
	s.check = func(dir string, killed bool) error {
		next := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", logPath(dir))
		next.Stdin = bytes.NewReader(appendInput("next", 5))
		code, said := exitCode(next)
		n, err := bg.stop()
		if err != nil || code != 0 {
			return errors.Join(err, fmt.Errorf("the next append: %s", said))
		}
		if names := entries(t, filepath.Join(dir, "log")); len(names) != 1 {
			return fmt.Errorf("left over: %q", names)
		}
		acked, err := acknowledged(ack(dir))
		if err != nil {
			return err
		}
		if !killed && acked != records {
			return fmt.Errorf("%d of %d records were acknowledged", acked, records)
		}
		sum, err := tallyFile(logPath(dir), map[string]int{"app": records, "next": 5, "bg": n}, nil)
		if err != nil {
			return err
		}
		if missing := records - sum.seen["app"]; killed && missing == sum.lost && sum.seen["app"] >= acked {
			sum.lost = 0 // the rest was never acknowledged
		}
		return sum.err()
	}
	s.run()
	require.Empty(t, s.failed, strings.Join(s.failed, "\n"))
}

func appendInput(writer string, records int) []byte {
	var in []byte
	for n := 1; n <= records; n++ {
		in = append(in, eventLine(writer, n, 0)...)
	}
	return in
}

// acknowledged sums up what --ack said before the kill.
func acknowledged(path string) (records int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return sumAcks(data)
}

// sumAcks adds up the acknowledgements. A last line that the kill cut off
// acknowledges nothing.
func sumAcks(data []byte) (records int, err error) {
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var batch struct {
			Records int `json:"records"`
		}
		if err := json.Unmarshal(line, &batch); err != nil {
			return 0, fmt.Errorf("acknowledgement %q: %w", line, err)
		}
		records += batch.Records
	}
	return records, nil
}
