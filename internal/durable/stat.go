package durable

import (
	"io/fs"
	"path/filepath"
	"time"
)

// Stat says how long the log is by now and when it was written to, as the
// method of an *os.File does.
func (s *Session) Stat() (fs.FileInfo, error) {
	info, err := s.log.Stat()
	return fileInfo{info, s.path}, err
}

// fileInfo is an Info in the form of the standard library.
type fileInfo struct {
	info Info
	path string
}

func (f fileInfo) Name() string       { return filepath.Base(f.path) }
func (f fileInfo) Size() int64        { return f.info.Size }
func (f fileInfo) Mode() fs.FileMode  { return f.info.Mode }
func (f fileInfo) ModTime() time.Time { return f.info.ModTime }
func (f fileInfo) IsDir() bool        { return f.info.Mode.IsDir() }
func (f fileInfo) Sys() any           { return f.info.same }
