package durable_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// The kernel answers EAGAIN to letting go of a lease that is not held. It is no
// reason to leave anything unfinished, and tells whether the lease was kept.
func TestLettingGoOfNoLeaseIsDone(t *testing.T) {
	f, err := durable.OS().OpenFile(newLog(t, "one\n"), os.O_RDONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	for _, leased := range []bool{false, true, false} {
		if leased {
			require.NoError(t, f.SetLease(durable.ReadLease))
		}
		kept, err := f.Unlease()
		require.NoError(t, err)
		require.Equal(t, leased, kept)
	}
}

// A rewrite that is refused because of one writer must be taken back whole
// while another goes on appending.
func TestRefusedWhileOthersAppend(t *testing.T) {
	path := newLog(t, "one\ntwo\n")
	holder, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	defer holder.Close()
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			if f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0); err == nil {
				f.WriteString("more\n")
				f.Close()
				n++
			}
			time.Sleep(100 * time.Microsecond)
		}
	}()
	_, err = rewrite(t.Context(), path, quick(), "two\n", 8)
	close(stop)
	n := <-done
	var held *durable.WriterHoldsLogError
	require.ErrorAs(t, err, &held)
	require.False(t, held.Pending, "%v", err)
	alone(t, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 8+5*n, info.Size())
}
