package stream_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// walkFile returns how many lines a file has, and how reading it ends.
func walkFile(t *testing.T, path string) (int64, error) {
	log, err := stream.Open(t.Context(), path)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	end, err := stream.Forward(t.Context(), log, stream.Options{})
	return end.Lines, err
}

// TestFilesWithoutALength: the files of /proc say that they are empty.
func TestFilesWithoutALength(t *testing.T) {
	_, err := walkFile(t, "/proc/self/mem")
	require.ErrorContains(t, err, "input/output error")
	lines, err := walkFile(t, "/proc/self/status")
	require.NoError(t, err)
	require.Positive(t, lines)
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	lines, err = walkFile(t, empty)
	require.NoError(t, err)
	require.Zero(t, lines)
}

// TestOddArchives tries what stands before, between and behind compressed text.
func TestOddArchives(t *testing.T) {
	const line = `{"kind":"event","timestamp":1}` + "\n"
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write([]byte(line))
	require.NoError(t, errors.Join(err, w.Close()))
	enc, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	zst := string(enc.EncodeAll([]byte(line), nil))
	for name, tt := range map[string]struct {
		text  string
		lines int64
		err   string
	}{
		"two members":            {gz.String() + gz.String(), 2, ""},
		"text behind gzip":       {gz.String() + "trailing\n", 1, "trailing garbage after the gzip data"},
		"NULs behind gzip":       {gz.String() + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 1, "trailing garbage after the gzip data"},
		"a cut second member":    {gz.String() + gz.String()[:15], 1, "is truncated"},
		"a cut gzip":             {gz.String()[:15], 0, "is truncated"},
		"half the magic":         {"\x1f\x8b", 0, "is truncated"},
		"a frame to skip":        {"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zst, 1, ""},
		"the last frame to skip": {"\x5f\x2a\x4d\x18\x00\x00\x00\x00" + zst, 1, ""},
		"nothing but frames":     {"\x50\x2a\x4d\x18\x00\x00\x00\x00", 0, ""},
		"text that begins so":    {"P*M" + line, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			require.NoError(t, os.WriteFile(path, []byte(tt.text), 0o600))
			lines, err := walkFile(t, path)
			if tt.err == "" {
				require.NoError(t, err)
				require.Equal(t, tt.lines, lines)
				return
			}
			require.ErrorContains(t, err, tt.err)
			require.LessOrEqual(t, lines, tt.lines)
		})
	}
}
