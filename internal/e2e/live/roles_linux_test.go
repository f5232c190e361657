package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// roleEnv makes the test binary play a process of its own instead of running
// tests: the writers that the tests set against the programs, and the naive
// rewriters that the tests must catch.
const roleEnv = "PAPYRA_E2E_ROLE"

func init() {
	role := os.Getenv(roleEnv)
	if role == "" {
		return
	}
	play := map[string]func(args []string) error{
		"write": roleWrite, "acked": roleAcked, "hold": roleHold, "pause": rolePause, "half": rolePause, "slow": roleSlow, "inplace": roleInPlace, "moveaway": roleMoveAway,
	}[role]
	if play == nil {
		fmt.Fprintln(os.Stderr, "unknown role", role)
		os.Exit(2)
	}
	if err := play(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// eventLine is one record of a writer; with at least size bytes if size is
// larger than it has to be.
func eventLine(writer string, n, size int) []byte {
	line := fmt.Sprintf(`{"kind":"event","timestamp":%.6f,"w":%q,"n":%d`, float64(time.Now().UnixMicro())/1e6, writer, n)
	if pad := size - len(line) - len(`,"pad":""}`) - 1; pad > 0 {
		line += `,"pad":"` + strings.Repeat("x", pad) + `"`
	}
	return []byte(line + "}\n")
}

// openAppend opens as Python's open(path, "a") does, without what Go's os
// package does around it.
func openAppend(path string) (int, error) {
	for {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC, 0o644)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func writeAll(fd int, p []byte) error {
	for {
		n, err := unix.Write(fd, p)
		if err == unix.EINTR {
			continue
		}
		if err == nil && n != len(p) {
			return fmt.Errorf("short write: %d of %d bytes", n, len(p))
		}
		return err
	}
}

// appendOnce does what the producer does for one record.
func appendOnce(path string, line []byte) error {
	fd, err := openAppend(path)
	if err != nil {
		return err
	}
	if err := writeAll(fd, line); err != nil {
		unix.Close(fd)
		return err
	}
	return unix.Close(fd)
}

// writeArgs are PATH WRITER FIRST COUNT SIZE PAUSE_US.
func writeArgs(args []string) (path, writer string, first, count, size int, pause time.Duration, err error) {
	if len(args) != 6 {
		return "", "", 0, 0, 0, 0, fmt.Errorf("want PATH WRITER FIRST COUNT SIZE PAUSE_US, got %q", args)
	}
	var n [4]int
	for i, s := range args[2:] {
		if n[i], err = strconv.Atoi(s); err != nil {
			return
		}
	}
	return args[0], args[1], n[0], n[1], n[2], time.Duration(n[3]) * time.Microsecond, nil
}

// roleWrite opens, appends one record and closes, again and again.
func roleWrite(args []string) error {
	path, writer, first, count, size, pause, err := writeArgs(args)
	if err != nil {
		return err
	}
	for n := first; n < first+count; n++ {
		if err := appendOnce(path, eventLine(writer, n, size)); err != nil {
			return err
		}
		if pause > 0 {
			time.Sleep(pause)
		}
	}
	return nil
}

// roleAcked is a writer that goes on when the disk is full, and says of each
// record whether it got through.
func roleAcked(args []string) error {
	path, writer, first, count, size, pause, err := writeArgs(args)
	for n := first; n < first+count && err == nil; n++ {
		got := "ok"
		if err := appendOnce(path, eventLine(writer, n, size)); errors.Is(err, unix.ENOSPC) {
			got = "full"
		} else if err != nil {
			got = "torn"
		}
		fmt.Println(n, got)
		time.Sleep(pause)
	}
	return err
}

// roleHold opens once and keeps the descriptor for all its records.
func roleHold(args []string) error {
	path, writer, first, count, size, pause, err := writeArgs(args)
	if err != nil {
		return err
	}
	fd, err := openAppend(path)
	if err != nil {
		return err
	}
	for n := first; n < first+count; n++ {
		if err := writeAll(fd, eventLine(writer, n, size)); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return unix.Close(fd)
}

// rolePause stops itself between open and write, until somebody sends SIGCONT;
// in the part "half", in the middle of its line.
func rolePause(args []string) error {
	path, writer, first, _, size, _, err := writeArgs(args)
	if err != nil {
		return err
	}
	fd, err := openAppend(path)
	if err != nil {
		return err
	}
	line := eventLine(writer, first, size)
	if os.Getenv(roleEnv) == "half" {
		if err := writeAll(fd, line[:len(line)/2]); err != nil {
			return err
		}
		line = line[len(line)/2:]
	}
	if err := unix.Kill(os.Getpid(), unix.SIGSTOP); err != nil {
		return err
	}
	if err := writeAll(fd, line); err != nil {
		return err
	}
	return unix.Close(fd)
}

// roleSlow writes each line in two halves, with the pause between them, and a
// blank line after it. No producer does so on purpose; one that is stopped, or
// gets no processor time, in the middle of a long write looks the same.
func roleSlow(args []string) error {
	path, writer, first, count, size, pause, err := writeArgs(args)
	if err != nil {
		return err
	}
	for n := first; n < first+count; n++ {
		fd, err := openAppend(path)
		if err != nil {
			return err
		}
		line := eventLine(writer, n, size)
		if err := writeAll(fd, line[:len(line)/2]); err != nil {
			return err
		}
		time.Sleep(pause)
		// The blank line gives a repair something to do.
		if err := writeAll(fd, append(line[len(line)/2:], '\n')); err != nil {
			return err
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
	}
	return nil
}

// withoutGarbage is what a rewriter is to make of a log.
func withoutGarbage(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []byte
	for line := range bytes.Lines(data) {
		if !isGarbage(line) {
			out = append(out, line...)
		}
	}
	return out, nil
}

// roleInPlace is a planted mistake: it rewrites the log where it is.
func roleInPlace(args []string) error {
	out, err := withoutGarbage(args[0])
	if err != nil {
		return err
	}
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	for len(out) > 0 {
		n := min(len(out), 512)
		if _, err := f.Write(out[:n]); err != nil {
			return err
		}
		out = out[n:]
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// roleMoveAway is a planted mistake: it moves the log away before the new one
// has its name.
func roleMoveAway(args []string) error {
	old := args[0] + ".old"
	if err := os.Rename(args[0], old); err != nil {
		return err
	}
	out, err := withoutGarbage(old)
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[0], out, 0o644); err != nil {
		return err
	}
	return os.Remove(old)
}

// renameSwap is a planted mistake: read, write a temporary file, rename, as
// every well-known tool does.
func renameSwap(path string) error {
	out, err := withoutGarbage(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", out, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
