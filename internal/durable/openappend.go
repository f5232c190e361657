package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/papyra-tools/papyra/internal/opening"
)

// OpenAppend opens an output that is added to, and makes it with mode 0600 if
// there is none. In a directory that others can write to it must be a regular
// file, and no link; elsewhere it may be a FIFO, which is waited for as long as
// ctx allows, or a device.
func OpenAppend(ctx context.Context, path string) (*os.File, error) {
	f, wait, err := openAppend(path, NonBlock)
	if wait {
		f, err = opening.Wait(ctx, func() (*os.File, error) {
			f, _, err := openAppend(path, 0)
			return f, err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return f, nil
}

// openAppend reports whether the opening would have to wait, and may.
func openAppend(path string, how int) (f *os.File, wait bool, err error) {
	p, err := OS().Place(path)
	if err != nil {
		return nil, false, bare(err)
	}
	defer p.Close()
	if !p.Stream {
		how |= NoFollow
	}
	f, err = opening.File(p.At, sysFlags(os.O_WRONLY|os.O_APPEND|os.O_CREATE|how), 0o600)
	if err != nil {
		held := errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EAGAIN)
		if held && p.Shared {
			err = errors.New("nobody is at the other end, in a directory that others can write to")
		}
		return nil, held && !p.Shared, bare(err)
	}
	if p.Shared {
		if err := p.admits(f); err != nil {
			return nil, false, errors.Join(err, f.Close())
		}
	}
	return f, false, nil
}

// admits refuses what somebody may have planted.
func (p *Place) admits(f *os.File) error {
	info, err := (&osFile{File: f}).Stat()
	if _, err = p.look(info, err); err == nil && info.Links > 1 {
		err = fmt.Errorf("it has %d hard links", info.Links)
	}
	return err
}
