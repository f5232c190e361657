package durable_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// halfSeen is a file system on which somebody's line is seen in part until time
// passes.
type halfSeen struct {
	durable.FS
	rest func()
}

func (h *halfSeen) Sleep(d time.Duration) {
	if h.rest != nil {
		h.rest()
		h.rest = nil
	}
	h.FS.Sleep(d)
}

// A line that another writer is putting there is no torn one: no blank line
// must come of it.
func TestAppendAfterHalfSeenLine(t *testing.T) {
	path := newLog(t, `{"half`)
	fsys := &halfSeen{FS: durable.OS(), rest: func() {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		_, err = f.WriteString("\":1}\n")
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}}
	a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{FS: fsys})
	require.NoError(t, err)
	_, err = a.Append([]byte("{\"two\":2}\n"))
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.Equal(t, "{\"half\":1}\n{\"two\":2}\n", read(t, path))
}
