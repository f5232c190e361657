package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes is how much a pipe may hold that we read from or write to: as much
// as the kernel lets anybody have. The 64 KiB that it gives unasked make the
// programs of a pipeline take turns instead of working side by side.
const pipeBytes = 1 << 20

// widen enlarges the pipes among the files. Where the kernel says no, as it
// does once a user has many large pipes, they stay as they are.
func widen(files ...*os.File) {
	for _, f := range files {
		// Not by f.Fd, which would make the reads of all who share the pipe wait.
		if c, err := f.SyscallConn(); err == nil {
			_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeBytes) })
		}
	}
}
