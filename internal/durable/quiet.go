package durable

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	quietPoll  = 200 * time.Microsecond // between two looks whether writers have let go
	quietFor   = time.Millisecond       // how long nobody may come before an inode counts as quiet
	lingerPoll = 5 * time.Millisecond   // between two looks for late appends
)

var (
	// errHeld says that an inode did not get quiet in time.
	errHeld = errors.New("somebody keeps the file open for writing")
	// errReached says that appends to an inode did not end although its name is
	// gone.
	errReached = errors.New("somebody goes on appending to the old file by another way than its name " +
		"(mounted by itself in another namespace? served by another program?)")
)

// quiet waits until nobody has f open for writing and nobody comes for a while,
// and returns with the read lease held. A writer that is on its way in breaks
// the lease: it is let in, and the wait begins again.
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

// staysLeased reports whether the lease was not broken for quietFor; if it was,
// it is let go.
func staysLeased(fsys FS, f File) (bool, error) {
	end := fsys.Now().Add(quietFor)
	for {
		l, err := f.Lease()
		if err != nil || l != ReadLease {
			_, uerr := f.Unlease()
			return false, errors.Join(err, uerr)
		}
		if !fsys.Now().Before(end) {
			return true, nil
		}
		fsys.Sleep(quietPoll)
	}
}

// settle brings over what is appended to c.src by writers that looked up its
// old name, until no more can come. With leases it returns with the read lease
// on c.src held, so that its name can be removed before anybody else comes in.
func settle(ctx context.Context, c *carrier, o Options) error {
	if o.guarantee() != Offline {
		if err := linger(c, o); err != nil {
			return err
		}
	}
	if o.guarantee() != Exclusive {
		return c.all(false)
	}
	deadline := c.fs.Now().Add(o.budget())
	for {
		if err := quiet(ctx, c.fs, c.src, deadline); err != nil {
			return err
		}
		if err := c.all(false); err != nil {
			return err
		}
		l, err := c.src.Lease()
		if err != nil || l == ReadLease {
			return err
		}
		if _, err := c.src.Unlease(); err != nil {
			return err
		}
	}
}

// lingers is how many times its length a linger may go on because of appends.
const lingers = 5

// linger looks for late appends. Who looked the old name up has soon opened it:
// appends that go on come by another way, and would go on when the name is
// gone. With leases, each append makes it look for as long again.
func linger(c *carrier, o Options) error {
	now, carried := c.fs.Now(), c.carried
	end, limit := now.Add(o.linger()), now.Add(lingers*o.linger()+o.budget())
	for now.Before(end) {
		c.fs.Sleep(min(lingerPoll, o.linger()))
		if err := c.all(true); err != nil {
			return err
		}
		now = c.fs.Now()
		if c.carried > carried && o.guarantee() == Exclusive {
			carried, end = c.carried, now.Add(o.linger())
			if end.After(limit) {
				return errReached
			}
		}
	}
	return nil
}
