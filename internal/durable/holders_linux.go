package durable

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Holders looks through /proc/*/fd. Processes of other users and of other
// process namespaces stay unseen.
func (osFS) Holders(target Info) []Holder {
	dirs, _ := filepath.Glob("/proc/[0-9]*/fd")
	var found []Holder
	for _, dir := range dirs {
		proc := filepath.Dir(dir)
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err != nil || pid == os.Getpid() {
			continue
		}
		fds, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, entry := range fds {
			fi, err := os.Stat(filepath.Join(dir, entry.Name()))
			if err != nil || !infoOf(fi).Same(target) || !opensForWriting(filepath.Join(proc, "fdinfo", entry.Name())) {
				continue
			}
			fd, _ := strconv.Atoi(entry.Name())
			comm, _ := os.ReadFile(filepath.Join(proc, "comm"))
			found = append(found, Holder{PID: pid, Command: string(bytes.TrimSpace(comm)), FD: fd})
		}
	}
	return found
}

func opensForWriting(fdinfo string) bool {
	data, err := os.ReadFile(fdinfo)
	if err != nil {
		return false
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if octal, ok := strings.CutPrefix(lines.Text(), "flags:"); ok {
			flags, err := strconv.ParseUint(strings.TrimSpace(octal), 8, 64)
			return err == nil && flags&unix.O_ACCMODE != unix.O_RDONLY
		}
	}
	return false
}
