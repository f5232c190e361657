package durable_test

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// maySayNothing are the operations that may fail in silence, and why.
var maySayNothing = map[string]string{
	"Sleep .":                             "it cannot fail",
	"Unlease events.ndjson":               "the old file has no name any more",
	"Unlease .events.ndjson.papyra-new":   "it has no name any more",
	"Lstat quarantine":                    "a look at a folder that is made if it is not there",
	"Lstat otherdevice":                   "the same",
	"Close events.ndjson":                 "Session.Close says so, whose error is not looked at here",
	"Close .events.ndjson.papyra-new":     "the same",
	"Close .events.ndjson.papyra-journal": "the same",
}

// spoken runs something with EIO at its ith operation, if there is one, and
// wants an error of it.
func spoken(t *testing.T, fs *simfs.FS, i int, partial bool, what string, run func() error) (hit bool) {
	t.Helper()
	op := ""
	fs.Fault = func(o simfs.Op) (f simfs.Fault) {
		if o.N == i {
			op, f = o.Name+" "+filepath.Base(o.Path), simfs.Fault{Err: syscall.EIO, Partial: partial}
		}
		return f
	}
	if run() == nil && op != "" && maySayNothing[op] == "" {
		require.Failf(t, "no error", "%s: EIO at %d, %s", what, i, op)
	}
	return op != ""
}

// rewrites are those of which not every scenario has something.
var rewrites = map[string]func(*simfs.FS) error{
	"through a filter": shout,
	"account":          func(fs *simfs.FS) error { return accounted(fs, simDir+"/events.ndjson.repair-1.ledger") },
	"archive":          func(fs *simfs.FS) error { return archived(fs, evil) },
	"archive far away": func(fs *simfs.FS) error { return archived(fs, farAway) },
	"quarantine": func(fs *simfs.FS) error {
		opt := simOptions(fs)
		opt.QuarantineDir = farAway
		_, err := simRewrite(context.Background(), opt)
		return err
	},
	"emptied": func(fs *simfs.FS) error {
		removed, err := emptyAndRemove(fs)
		if err == nil && !removed {
			err = errors.New("it stays")
		}
		return err
	},
}

// An error of the disk is never passed over: whatever fails in a rewrite or in
// a recovery, in whole or after half of it was done, an error comes of it.
func TestNoFaultIsPassedOver(t *testing.T) {
	for _, partial := range []bool{false, true} {
		for _, sc := range scenarios() {
			for i, hit := 0, !sc.fails; hit; i++ {
				fs, m := world(sc)
				opt := simOptions(fs)
				opt.QuarantineDir = sc.keep
				if sc.set != nil {
					sc.set(&opt)
				}
				fs.Hook = newScript(fs, m, sc.actors()...).before
				hit = spoken(t, fs, i, partial, sc.name, func() error { _, err := simRewrite(context.Background(), opt); return err })
			}
		}
		for name, run := range rewrites {
			for i, hit := 0, true; hit; i++ {
				fs, _ := world(scenario{})
				when(fs, "Mounts#1", func(simfs.Op) {
					if name == "through a filter" {
						appendNow(t, fs, "late line\n")
					}
				})
				hit = spoken(t, fs, i, partial, name, func() error { return run(fs) })
			}
			for _, moment := range []string{"Exchange#0", "Unlease#3"} { // and killed there, in the recovery
				for i, hit := 0, name != "emptied"; hit; i++ { // of that there is nothing to read
					fs, _ := world(scenario{})
					killedAt(fs, moment, func() { _ = run(fs) })
					opt := simOptions(fs)
					opt.QuarantineDir = farAway
					hit = spoken(t, fs, fs.Ops()+i, partial, name+", recovered", func() error {
						s, err := durable.Begin(context.Background(), simLog, opt)
						if err != nil {
							return err
						}
						return s.Close()
					})
				}
			}
		}
		for _, l := range everyState() {
			for i, hit := 0, true; hit; i++ {
				fs := l.world(t)
				hit = spoken(t, fs, fs.Ops()+i, partial, l.row+", "+l.log+", "+l.hidden, func() error { return recovered(context.Background(), fs) })
			}
		}
	}
}
