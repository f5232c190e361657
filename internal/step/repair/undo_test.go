package repair

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// endless is a ledger of sound entries that never ends; once so many were read
// it has somebody send the first signal.
type endless struct {
	at   int64
	text []byte
	stop func()
}

func (e *endless) Read(p []byte) (int, error) {
	for len(e.text) < len(p) {
		e.text = fmt.Appendf(e.text, `{"line":1,"offset":%d,"length":9,"type":"nul_bytes","action":"dropped","zeros":true}`+"\n", e.at)
		if e.at += 9; e.at == 9000 {
			e.stop()
		}
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	return n, nil
}

func (*endless) Seek(int64, int) (int64, error) { return 0, nil }
func (*endless) Close() error                   { return nil }

var _ io.ReadSeekCloser = (*endless)(nil)

// However long a ledger is, to look whether it is sound ends with the run.
func TestLedgerWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &endless{stop: cancel}
	_, err := readLedger(ctx, e)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, e.at, int64(90_000))
}
