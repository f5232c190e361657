package durable

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	quietPoll  = 500 * time.Microsecond // between two looks whether writers have let go
	quietFor   = 2 * time.Millisecond   // how long nobody may come before an inode counts as quiet
	lingerPoll = 5 * time.Millisecond   // between two looks for late appends
)

// errHeld says that an inode did not get quiet in time.
var errHeld = errors.New("somebody keeps the file open for writing")

// quiet waits until nobody has f open for writing and nobody comes for a while, and
// returns with the read lease held. A writer that is on its way in breaks the
// lease: it is let in, and the wait begins again.
func quiet(ctx context.Context, fsys FS, f File, deadline time.Time) error {
	for {
		err := f.SetLease(ReadLease)
		switch {
		case err == nil:
			stays, err := staysLeased(fsys, f)
			if err != nil || stays {
				return err
			}
		case !errors.Is(err, ErrBusy):
			return fmt.Errorf("see whether writers have let go: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !fsys.Now().Before(deadline) {
			return errHeld
		}
		fsys.Sleep(quietPoll)
	}
}

// staysLeased reports whether the lease was not broken for quietFor; if it was, it is let go.
func staysLeased(fsys FS, f File) (bool, error) {
	end := fsys.Now().Add(quietFor)
	for {
		l, err := f.Lease()
		if err != nil || l != ReadLease {
			return false, errors.Join(err, f.SetLease(NoLease))
		}
		if !fsys.Now().Before(end) {
			return true, nil
		}
		fsys.Sleep(quietPoll)
	}
}

// settle brings over what is appended to c.src by writers that looked up its old name, until
// no more can come. With leases it returns with the read lease on c.src held, so
// that its name can be removed before anybody else comes in.
func settle(ctx context.Context, c *carrier, o Options) error {
	fsys := c.fs
	if o.guarantee() != Offline {
		end := fsys.Now().Add(o.linger())
		for fsys.Now().Before(end) {
			if err := c.all(true); err != nil {
				return err
			}
			fsys.Sleep(lingerPoll)
		}
	}
	if o.guarantee() != Exclusive || o.bugs.noQuietWait {
		return c.all(false)
	}
	deadline := fsys.Now().Add(o.budget())
	for {
		if err := quiet(ctx, fsys, c.src, deadline); err != nil {
			return err
		}
		if err := c.all(false); err != nil {
			return err
		}
		l, err := c.src.Lease()
		if err != nil || l == ReadLease {
			return err
		}
		if err := c.src.SetLease(NoLease); err != nil {
			return err
		}
	}
}
