package repair

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
)

// counter counts what would be written, however much that is.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
func (c *counter) Zeros(n int64) error         { *c += counter(n); return nil }

// FuzzLedger holds for any bytes that a ledger either is refused or restores as
// many bytes as it says that there were.
func FuzzLedger(f *testing.F) {
	o := mend.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: 4096})}
	healthy := `{"kind":"event","timestamp":1}` + "\n"
	repaired, book, _ := mendAll(f, o, []byte(healthy+"x\n"+healthy+"\x00\x00\x00"+healthy+`{"ki`))
	f.Add(book)
	f.Add(bytes.Replace(book, []byte(`"offset":`), []byte(`"offset":9`), 1))
	f.Add(book[:len(book)/2])
	f.Fuzz(func(t *testing.T, book []byte) {
		l, err := readLedger(context.Background(), nopCloser{bytes.NewReader(book)})
		if err != nil || l.zeros > 1<<20 { // it would be hashed, which takes its time
			return
		}
		var out counter
		w := &restorer{ctx: context.Background(), log: bytes.NewReader(repaired), out: &out, sum: newRunHash(), old: l.sum.Schema == 1}
		if w.restore(l) == nil {
			require.Equal(t, l.sum.BytesIn, int64(out))
		}
	})
}
