package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckedInFilesAreTheOnesGenerated(t *testing.T) {
	files, err := generated()
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
		require.NoError(t, err, "run make testdata")
		require.True(t, bytes.Equal(want, got), "%s: run make testdata", name)
	}
}

func TestEveryLogHasARowInItsPage(t *testing.T) {
	root := filepath.Join("..", "..", "testdata")
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "logs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".truth.ndjson") {
			name, _ := filepath.Rel(filepath.Join(root, "logs"), path)
			require.Contains(t, string(page), "| `"+filepath.ToSlash(name)+"` | ")
		}
		return err
	}))
}
