//go:build unix

package cli

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// interruptibleStdin replaces env.Stdin by a reader whose blocked Read ends
// when wake is called. Standard input is shared with other processes, so it
// cannot be made non-blocking; instead each read waits for the file or for a
// pipe of our own. Regular files never block and are left alone.
func interruptibleStdin(env *Env, ctx context.Context) (wake func()) {
	none := func() {}
	info, err := env.StdinFile.Stat()
	if err != nil || info.Mode().IsRegular() {
		return none
	}
	r, w, err := os.Pipe()
	if err != nil {
		return none
	}
	env.Stdin = &waitingReader{f: env.StdinFile, ctx: ctx, wake: r}
	return func() { w.Close() }
}

type waitingReader struct {
	f    *os.File
	ctx  context.Context
	wake *os.File // readable (end of file) once the process is asked to stop
}

// Read waits for data, the end, or the request to stop.
func (r *waitingReader) Read(p []byte) (int, error) {
	fds := []unix.PollFd{
		{Fd: int32(r.f.Fd()), Events: unix.POLLIN},
		{Fd: int32(r.wake.Fd()), Events: unix.POLLIN},
	}
	for {
		_, err := unix.Poll(fds, -1)
		if r.ctx.Err() != nil || fds[1].Revents != 0 {
			return 0, context.Cause(r.ctx)
		}
		if err == unix.EINTR {
			continue
		}
		return r.f.Read(p)
	}
}
