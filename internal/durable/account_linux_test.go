package durable_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

func TestAccount(t *testing.T) {
	path := newLog(t, "a\nb\n")
	for _, dir := range []string{filepath.Dir(path), smallDisk(t, "4m")} {
		name := filepath.Join(dir, "book")
		for _, commit := range []bool{false, true} {
			s, err := durable.Begin(t.Context(), path, quick())
			require.NoError(t, err)
			a, err := s.Account(name)
			require.NoError(t, err)
			require.Equal(t, name, a.Path())
			long := strings.Repeat("x", 1<<20)
			_, err = io.WriteString(a, "begin "+long)
			require.NoError(t, err)
			_, err = s.Create()
			require.NoError(t, err)
			if commit {
				rep, err := s.Commit(t.Context(), 0)
				require.NoError(t, err)
				require.Equal(t, name, rep.Account)
			}
			require.NoError(t, s.Close())
			if commit {
				require.Equal(t, "begin "+long, read(t, name))
				_, err = os.Stat(filepath.Join(filepath.Dir(path), ".events.ndjson.papyra-account"))
			} else {
				_, err = os.Stat(name)
			}
			require.ErrorIs(t, err, os.ErrNotExist)
		}
		s, err := durable.Begin(t.Context(), path, quick())
		require.NoError(t, err)
		_, err = s.Account(name)
		require.ErrorContains(t, err, "only evidence")
		require.NoError(t, s.Close())
	}
}
