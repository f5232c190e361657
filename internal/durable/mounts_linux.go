package durable

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mountLine is one line of /proc/PID/mountinfo.
type mountLine struct {
	device string // major:minor
	root   string // path of the mount's root within its file system
	point  string // path of the mount in its namespace
}

// readMounts calls yield with each mount that a process sees.
func readMounts(pid string, yield func(mountLine)) error {
	f, err := os.Open(filepath.Join("/proc", pid, "mountinfo"))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := lines.ReadString('\n')
		if fields := strings.Fields(line); len(fields) > 4 {
			yield(mountLine{device: fields[2], root: unescapeMount(fields[3]), point: unescapeMount(fields[4])})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// unescapeMount undoes \040 and the like.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// Mounts looks through the mounts of every process, once for each mount
// namespace. A mount is told by device and by the path of its root within the
// file system, since what it shows may be hidden from here.
func (osFS) Mounts(path string) (found []Mount, unseen int, err error) {
	var home mountLine // that has the log's directory; the last one that fits lies on top
	err = readMounts("self", func(m mountLine) {
		if len(m.point) >= len(home.point) && within(path, m.point) {
			home = m
		}
	})
	if err != nil {
		return nil, 0, fmt.Errorf("look for mounts of %s: %w", path, err)
	}
	if home.point == path {
		return []Mount{mountSeenBy("self", path)}, 0, nil
	}
	root := filepath.Join(home.root, strings.TrimPrefix(path, home.point))
	procs, _ := filepath.Glob("/proc/[0-9]*")
	seen := map[string]bool{}
	for _, proc := range procs {
		space, err := os.Readlink(filepath.Join(proc, "ns", "mnt"))
		if err == nil && seen[space] {
			continue
		}
		pid := filepath.Base(proc)
		if err == nil {
			err = readMounts(pid, func(m mountLine) {
				if m.device == home.device && m.root == root {
					found = append(found, mountSeenBy(pid, m.point))
				}
			})
		}
		switch {
		case err == nil:
			seen[space] = true
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ESRCH) && !errors.Is(err, unix.EINVAL):
			unseen++ // it is there, and not ours to look at
		}
	}
	return found, unseen, nil
}

func mountSeenBy(pid, point string) Mount {
	comm, _ := os.ReadFile(filepath.Join("/proc", pid, "comm"))
	n, err := strconv.Atoi(pid)
	if err != nil {
		n = os.Getpid()
	}
	return Mount{PID: n, Command: string(bytes.TrimSpace(comm)), Point: point}
}

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// notExported refuses what clients on other machines may have open: a client
// goes on with a look-up that it did long ago, and no lease reaches it. The
// first field of each line of a table is a directory that is exported.
func notExported(dir string, tables ...string) error {
	for _, table := range tables {
		data, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			fields := strings.Fields(line)
			if len(fields) > 1 && !strings.HasPrefix(line, "#") && within(dir, unescapeMount(fields[0])) {
				return fmt.Errorf("%w: %s is exported over NFS (%s), and clients cannot be held back", ErrNoLease, fields[0], table)
			}
		}
	}
	return nil
}

// Life joins what is new after a restart with what is new after a mount. Before
// Linux 6.8 the number of a mount may be used again.
func (osFS) Life(dir string) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	const mountIDUnique = 0x4000 // STATX_MNT_ID_UNIQUE
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, 0, mountIDUnique, &st); err != nil || st.Mask&(unix.STATX_MNT_ID|mountIDUnique) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d", bytes.TrimSpace(boot), st.Mnt_id)
}
