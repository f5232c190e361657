// Package opening opens files that anybody may have put in their place, so that
// no FIFO and no lease makes the process wait longer than it wants to.
package opening

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Wait returns what open returns, or why ctx ended if that comes first: the
// opening of a FIFO waits for its other end, and that of a leased file for
// whoever holds the lease, and no signal ends that. What comes too late is
// closed again.
func Wait[F io.Closer](ctx context.Context, open func() (F, error)) (F, error) {
	if ctx.Done() == nil {
		return open()
	}
	type result struct {
		f   F
		err error
	}
	opened := make(chan result, 1)
	go func() {
		f, err := open()
		opened <- result{f, err}
	}()
	select {
	case r := <-opened:
		return r.f, r.err
	case <-ctx.Done():
		go func() {
			if r := <-opened; r.err == nil {
				_ = r.f.Close()
			}
		}()
		var none F
		return none, context.Cause(ctx)
	}
}

// Read opens a file for reading. Once ctx ends, waiting for the writer of a
// FIFO ends with it, and so does waiting for what that writes, with an error
// that wraps os.ErrDeadlineExceeded.
func Read(ctx context.Context, name string) (*os.File, error) {
	f, err := Wait(ctx, func() (*os.File, error) { return File(name, os.O_RDONLY, 0) })
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	}
	return f, nil
}

// Regular opens a regular file for reading, and refuses everything else without
// waiting for it, as a FIFO would make it. What is looked at is what is read.
func Regular(name string) (*os.File, fs.FileInfo, error) {
	f, err := File(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	return regular(f, name)
}

// regular closes what is no regular file.
func regular(f *os.File, name string) (*os.File, fs.FileInfo, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// RegularIn is Regular for a file below a folder, to which no symbolic link may
// lead that goes out of the folder. It waits for whoever holds a lease, up to
// the end of ctx.
func RegularIn(ctx context.Context, folder, name string) (*os.File, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		if info, lerr := root.Lstat(name); lerr == nil && info.Mode().IsRegular() {
			f, err = Wait(ctx, func() (*os.File, error) { return root.OpenFile(name, os.O_RDONLY, 0) })
		}
	}
	if err != nil {
		return nil, err
	}
	f, _, err = regular(f, name)
	return f, err
}
