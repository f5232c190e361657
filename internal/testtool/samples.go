package testtool

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Samples returns the lines of the healthy logs in testdata/profiles, by the
// name of their profile. root is the way to the top of the repository.
func Samples(t testing.TB, root string) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(root + "/testdata/profiles/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s: %v", root, err)
	}
	out := map[string][][]byte{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(name), ".ndjson")] = bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	}
	return out
}
