package report

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestMemoryDoesNotGrow: with every format open, a document holds on to next to
// nothing of what was added, and leaves no file behind.
func TestMemoryDoesNotGrow(t *testing.T) {
	testtool.Long(t)
	t.Setenv("TMPDIR", t.TempDir())
	d := NewDocument("papyra-scan", "1", false)
	var forms []*Form
	for _, format := range Formats() {
		forms = append(forms, d.Open(io.Discard, format, Options{Verbose: true}))
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 200 {
		f := result(fmt.Sprint("log", i))
		for j := range 300 {
			a := corrupt(int64(j + 1))
			a.Reason = fmt.Sprintf("%0200d", i*1000+j)
			f.Add(a, 300)
		}
		d.Add(f)
	}
	grown := int64(heap()) - int64(before)
	require.Less(t, grown, int64(10<<20), "200 logs with 300 anomalies of 200 bytes each")
	require.Equal(t, int64(200*300), d.Total.Errors)
	for _, f := range forms {
		require.NoError(t, f.Close())
	}
}
