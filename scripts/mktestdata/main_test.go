package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is checked in is what the program writes, and there is nothing else.
func TestCheckedInLogsAreTheOnesWritten(t *testing.T) {
	root := filepath.Join("..", "..", "testdata")
	files, err := logs()
	require.NoError(t, err)
	want := map[string]bool{}
	for _, f := range files {
		require.NotEmpty(t, f.word, f.name)
		want[f.name] = true
		data, err := os.ReadFile(filepath.Join(root, "logs", f.name))
		require.NoError(t, err, "run make testdata")
		if strings.HasSuffix(f.name, ".gz") || strings.HasSuffix(f.name, ".zst") {
			continue // compressors may write other bytes in their next version
		}
		require.Equal(t, string(f.data), string(data), "%s: run make testdata", f.name)
		if f.truth != nil {
			want[truthName(f.name)] = true
			truth, err := os.ReadFile(filepath.Join(root, "logs", truthName(f.name)))
			require.NoError(t, err)
			require.Equal(t, string(f.truth), string(truth), f.name)
		}
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "logs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(filepath.Join(root, "logs"), path)
			require.True(t, want[filepath.ToSlash(name)], "%s is not made by make testdata", name)
		}
		return err
	}))
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	require.Equal(t, string(readme(files)), string(text))
}
