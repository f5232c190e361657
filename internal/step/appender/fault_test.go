package appender

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const simLog = "/d/log"

// failing is one run over a simulated file system that fails at one place.
type failing struct {
	fs                *simfs.FS
	e                 *engine
	heard             *heard
	err               error
	fired             bool
	syncsAfterFailure int
}

// runFailing appends n records with the given sync mode; operation at fails.
func runFailing(t *testing.T, before string, sync string, n, at int, fault simfs.Fault) *failing {
	t.Helper()
	f := &failing{fs: simfs.New("/d")}
	if before != "" {
		f.fs.Put(simLog, before)
	}
	failedSync := false
	f.fs.Fault = func(op simfs.Op) simfs.Fault {
		if failedSync && op.Name == "Sync" {
			f.syncsAfterFailure++
		}
		if op.N != at {
			return simfs.Fault{}
		}
		f.fired = true
		failedSync = op.Name == "Sync" && fault.Err != nil
		return fault
	}
	f.e, f.heard = testEngine(t, nil, sync)
	var log *durable.Appender
	f.e.open = func() (appendLog, error) {
		var err error
		log, err = durable.OpenAppender(context.Background(), simLog, durable.AppendOptions{FS: f.fs, Create: true, Wait: -1})
		return log, err
	}
	acked := 0
	f.e.ack = func(a ack) error {
		f.heard.acks = append(f.heard.acks, a)
		for range a.Records {
			acked++
			requireSafe(t, f.fs, good(acked))
		}
		return nil
	}
	var input strings.Builder
	for i := 1; i <= n; i++ {
		input.WriteString(good(i))
	}
	f.err = f.e.run(context.Background(), strings.NewReader(input.String()))
	if log != nil {
		_ = log.Close()
	}
	return f
}

// requireSafe asserts that whatever a power loss leaves now, the line is there
// once.
func requireSafe(t *testing.T, fs *simfs.FS, line string) {
	t.Helper()
	hook := fs.Fault
	fs.Fault = nil
	defer func() { fs.Fault = hook }()
	fs.Crashes(func(after *simfs.FS) {
		text, ok := after.Get(simLog)
		require.True(t, ok, "an acknowledged record's log is gone")
		require.Equal(t, 1, strings.Count("\n"+text, "\n"+line), "%q in %q", line, text)
	})
}

// An error at each operation in turn, of each kind: what is acknowledged is
// durable in every state that a power loss may leave; every record is accounted
// for; nothing is acknowledged twice or after a failed fsync, and that fsync is
// not tried again.
func TestEveryOperationFails(t *testing.T) {
	const n = 5
	faults := map[string]simfs.Fault{
		"EIO":            {Err: syscall.EIO},
		"ENOSPC":         {Err: syscall.ENOSPC},
		"EDQUOT partial": {Err: syscall.EDQUOT, Partial: true},
		"short write":    {Partial: true},
	}
	for _, sync := range []string{"batch", "always", "interval=1h", "never"} {
		for _, before := range []string{"", good(1000), good(1000) + `{"torn`} {
			for name, fault := range faults {
				t.Run(fmt.Sprintf("%s/%s/%d bytes before", sync, name, len(before)), func(t *testing.T) {
					for at := 0; ; at++ {
						f := runFailing(t, before, sync, n, at, fault)
						if !f.fired {
							require.NoError(t, f.err)
							break
						}
						f.check(t, before, sync, n)
					}
				})
			}
		}
	}
}

func (f *failing) check(t *testing.T, before, sync string, n int64) {
	t.Helper()
	tally := &f.e.tally
	sum := tally.Acknowledged.Records + tally.Unsynced.Records + tally.Unknown.Records + tally.NotWritten
	if f.err == nil {
		require.Equal(t, n, sum)
		require.Zero(t, tally.NotWritten+tally.Unknown.Records)
	} else {
		require.LessOrEqual(t, sum, n)
	}
	require.Equal(t, tally.Acknowledged.Records, f.heard.records())
	require.Zero(t, f.syncsAfterFailure, "a failed fsync is not retried")
	if tally.Unknown.Records > 0 {
		require.True(t, poisoned(f.err))
	}
	text, _ := f.fs.Get(simLog)
	require.True(t, strings.HasPrefix(text, before), "bytes of others are never cut")
	// What is in the log besides are whole records, each once and in order, and
	// at most one torn piece.
	rest := strings.TrimPrefix(text, before)
	if strings.HasSuffix(before, "torn") && rest != "" {
		require.Equal(t, byte('\n'), rest[0])
		rest = rest[1:]
	}
	lines := strings.SplitAfter(rest, "\n")
	whole, torn := int64(0), 0
	for _, line := range lines {
		switch {
		case line == good(int(whole)+1) || line+"\n" == good(int(whole)+1):
			whole++
		case line != "":
			torn += len(line)
		}
	}
	require.Equal(t, tally.Torn, torn, "%q", text)
	written := tally.Acknowledged.Records + tally.Unsynced.Records
	require.GreaterOrEqual(t, whole, written)
	require.LessOrEqual(t, whole, written+tally.Unknown.Records)
	if sync == "never" && f.err == nil {
		require.Zero(t, tally.Syncs)
	}
}

// After a failed fsync the kernel says that all is well; nobody must hear that
// from us.
func TestFailedSyncIsNeverBelieved(t *testing.T) {
	for _, sync := range []string{"batch", "always", "interval=1h"} {
		fs := simfs.New("/d")
		fs.Put(simLog, good(1000))
		fs.Fault = func(op simfs.Op) simfs.Fault {
			if op.Name == "Sync" && op.Path == simLog {
				return simfs.Fault{Err: syscall.EIO}
			}
			return simfs.Fault{}
		}
		log, err := durable.OpenAppender(t.Context(), simLog, durable.AppendOptions{FS: fs})
		require.NoError(t, err)
		e, h := testEngine(t, log, sync)
		err = e.run(t.Context(), strings.NewReader(good(1)+good(2)))
		var lost *durable.DurabilityError
		require.ErrorAs(t, err, &lost)
		require.Empty(t, h.acks)
		require.Zero(t, e.tally.Acknowledged)
		require.NotZero(t, e.tally.Unknown.Records)
		fs.Fault = nil
		require.ErrorAs(t, log.Sync(), &lost, "not even later")
		_, err = log.Append([]byte(good(3)))
		require.ErrorAs(t, err, &lost)
		require.True(t, errors.Is(lost, syscall.EIO))
	}
}

// A disk that takes a part of a line each time, which is cut off again each
// time: the run ends, and says what is not in the log.
func TestFullDiskEnds(t *testing.T) {
	fs := simfs.New("/d")
	fs.Put(simLog, good(1000))
	appends := 0
	fs.Fault = func(op simfs.Op) simfs.Fault {
		if op.Name == "Append" {
			appends++
			require.Less(t, appends, 100, "it goes on for ever")
			return simfs.Fault{Partial: true}
		}
		return simfs.Fault{}
	}
	log, err := durable.OpenAppender(t.Context(), simLog, durable.AppendOptions{FS: fs})
	require.NoError(t, err)
	e, h := testEngine(t, log, "batch")
	require.ErrorIs(t, e.run(t.Context(), strings.NewReader(good(1)+good(2)+good(3))), io.ErrShortWrite)
	text, _ := fs.Get(simLog)
	require.Equal(t, h.records(), newlines([]byte(text))-1)
	require.EqualValues(t, 3, e.tally.NotWritten+h.records())
}
