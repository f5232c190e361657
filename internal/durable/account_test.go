package durable_test

import (
	"context"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// accounted is a rewrite that keeps an account of what it drops.
func accounted(fs *simfs.FS, name string) error {
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	if err != nil {
		return err
	}
	defer s.Close()
	a, err := s.Account(name)
	if err != nil {
		return err
	}
	out, err := s.Create()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(a, "the account\n"); err != nil {
		return err
	}
	if _, err := io.WriteString(out, strings.Join(newLines, "")); err != nil {
		return err
	}
	_, err = s.Commit(context.Background(), s.Size())
	return err
}

// TestKillAccount kills such a rewrite before each of its operations, and takes
// its power: the account is there and whole if, and only if, the log was
// replaced; nothing else is left.
func TestKillAccount(t *testing.T) {
	name := durable.AccountName(simLog, time.UnixMilli(1_710_000_000_123))
	require.Equal(t, simDir+"/events.ndjson.repair-1710000000123.ledger", name)
	finished, undone := 0, 0
	recovered := func(fs *simfs.FS, k int) {
		s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
		require.NoError(t, err, "killed before operation %d", k)
		require.NoError(t, s.Close())
		got, _ := fs.Get(simLog)
		if got == strings.Join(newLines, "") {
			finished++
			account, _ := fs.Get(name)
			require.Equal(t, "the account\n", account, "killed before operation %d", k)
			require.Len(t, fs.Files(), 2)
			return
		}
		undone++
		require.Equal(t, strings.Join(oldLines, ""), got)
		require.Equal(t, []string{simLog}, fs.Files(), "killed before operation %d", k)
	}
	for k, hit := 0, true; hit; k++ {
		hit = false
		fs, _ := world(scenario{})
		fs.Hook = func(op simfs.Op) {
			if op.N == k {
				hit = true
				fs.Crashes(func(c *simfs.FS) { recovered(c, k) })
				fs.Die()
			}
		}
		_ = accounted(fs, name)
		fs.Hook = nil
		fs.Restart()
		recovered(fs, k)
	}
	require.NotZero(t, finished)
	require.NotZero(t, undone)
}

// A forged journal names no other file: neither one beside the log that is
// called otherwise, nor one elsewhere.
func TestAccountIsNoAuthority(t *testing.T) {
	for _, name := range []string{simDir + "/precious", evil + "/events.ndjson.repair-1.ledger", simDir + "/other.ndjson.repair-1.ledger"} {
		fs, _ := world(scenario{})
		looks := 0
		fs.Hook = func(op simfs.Op) {
			if op.Name == "Mounts" {
				if looks++; looks == 2 { // just before the exchange
					fs.Die()
				}
			}
		}
		_ = accounted(fs, name)
		fs.Hook = nil
		fs.Restart()
		_, there := fs.Get(name)
		require.True(t, there || strings.HasPrefix(name, evil), name)
		s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
		require.NoError(t, err)
		require.NoError(t, s.Close())
		if there {
			require.Equal(t, []string{name}, s.Recovered()[0].Left)
			_, there = fs.Get(name)
			require.True(t, there, "removed")
		}
	}
}

// What is written in small pieces and large ones is there in that order, and
// the first error sticks: the rewrite fails with it, whatever is written later.
func TestAccountIsWhole(t *testing.T) {
	name, large := simDir+"/events.ndjson.repair-1.ledger", strings.Repeat("large\n", 1<<20)
	for _, fails := range []int{-1, 0, 1} { // which write
		fs, _ := world(scenario{})
		writes := -1
		fs.Fault = func(op simfs.Op) (f simfs.Fault) {
			if op.Name == "WriteAt" && strings.HasSuffix(op.Path, "papyra-account") {
				if writes++; writes == fails {
					f.Err = syscall.EIO
				}
			}
			return f
		}
		s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
		require.NoError(t, err)
		a, err := s.Account(name)
		require.NoError(t, err)
		for _, text := range []string{"small\n", large, "end\n"} {
			_, _ = io.WriteString(a, text)
		}
		out, err := s.Create()
		require.NoError(t, err)
		_, err = io.WriteString(out, newLines[0])
		require.NoError(t, err)
		_, err = s.Commit(context.Background(), s.Size())
		require.GreaterOrEqual(t, writes, max(fails, 0))
		if fails < 0 {
			require.NoError(t, err)
			require.True(t, "small\n"+large+"end\n" == content(fs, name))
		} else {
			require.ErrorIs(t, err, syscall.EIO)
		}
		require.NoError(t, s.Close())
	}
}

// A session has one account. One that never got its name takes nobody else's
// file with it, and where its place cannot be looked at there is none.
func TestAccountIsTheOnlyOne(t *testing.T) {
	name := simDir + "/events.ndjson.repair-1.ledger"
	fs, _ := world(scenario{})
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err)
	fs.Fault = func(op simfs.Op) (f simfs.Fault) {
		if op.Name == "Place" {
			f.Err = syscall.EIO
		}
		return f
	}
	_, err = s.Account(name)
	require.ErrorIs(t, err, syscall.EIO)
	_, err = s.Archive(evil)
	require.ErrorIs(t, err, syscall.EIO)
	fs.Fault = nil
	_, err = s.Account(name)
	require.NoError(t, err)
	_, err = s.Account(name + "2")
	require.ErrorContains(t, err, "the session has one")
	_, err = s.Archive(evil)
	require.ErrorContains(t, err, "the session has an account")
	fs.Put(name, "precious\n")
	require.NoError(t, s.Close())
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, ""), name: "precious\n"}, filesOf(fs))
}

// Each operation of the recovery that removes an account fails: that is
// reported, and the next one removes it.
func TestFaultsOfRemovingAnAccount(t *testing.T) {
	name := simDir + "/events.ndjson.repair-1.ledger"
	for i, hit := 0, true; hit; i++ {
		fs, _ := world(scenario{})
		killedAt(fs, justBefore, func() { _ = accounted(fs, name) })
		require.Len(t, fs.Files(), 4, "log, new file, journal, account")
		at := ""
		failsAt(fs, i, &at)
		err := recovered(context.Background(), fs)
		fs.Fault, hit = nil, at != ""
		if strings.HasSuffix(at, name) {
			require.ErrorIs(t, err, syscall.EIO, at)
		}
		require.NoError(t, recovered(context.Background(), fs), at)
		require.Equal(t, []string{simLog}, fs.Files(), at)
	}
}
