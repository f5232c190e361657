package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	lockPoll = 20 * time.Millisecond // between two looks whether another run has let go
	// An appender holds the lock for moments only, and is no maintenance run.
	// Even a run that is not to wait looks for this long, or it would hardly
	// get a turn beside a busy one.
	lockGrace     = 200 * time.Millisecond
	lockGracePoll = time.Millisecond
)

// lockLog opens the log read-only, takes its lock, and makes sure that the path
// still names what was locked: a rewrite may have replaced it in between. The
// descriptor must not be able to write, or a waiting appender would keep the
// old inode from ever getting quiet.
func lockLog(ctx context.Context, fsys FS, path string, wait time.Duration) (File, Info, error) {
	began := fsys.Now()
	grace, deadline := began.Add(lockGrace), began.Add(max(wait, lockGrace))
	for {
		if err := ctx.Err(); err != nil {
			return nil, Info{}, err
		}
		f, info, err := tryLock(fsys, path)
		if err == nil {
			return f, info, nil
		}
		if !errors.Is(err, ErrBusy) {
			return nil, Info{}, err
		}
		now := fsys.Now()
		if !now.Before(deadline) {
			return nil, Info{}, &LockedError{Path: path}
		}
		if now.Before(grace) {
			fsys.Sleep(lockGracePoll)
		} else {
			fsys.Sleep(lockPoll)
		}
	}
}

// tryLock answers ErrBusy if another run holds the log, or replaced it just
// now.
func tryLock(fsys FS, path string) (_ File, _ Info, err error) {
	named, err := fsys.Lstat(path)
	if err != nil {
		return nil, Info{}, err
	}
	if !named.Mode.IsRegular() {
		return nil, Info{}, &RefusedError{Path: path, Reason: "it is not a regular file"}
	}
	f, err := fsys.OpenFile(path, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return nil, Info{}, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err := f.Lock(); err != nil {
		return nil, Info{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, Info{}, err
	}
	named, err = fsys.Lstat(path)
	if err != nil {
		return nil, Info{}, err
	}
	if !named.Same(info) {
		return nil, Info{}, fmt.Errorf("%s was replaced: %w", path, ErrBusy)
	}
	return f, info, nil
}
