package appender

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/papyra-tools/papyra/internal/durable"
)

// rejects keeps the lines that were refused, each as it was.
type rejects struct {
	f       *os.File
	newline bool // what was written last ends in one
}

func openRejects(ctx context.Context, name string) (*rejects, error) {
	f, err := durable.OpenAppend(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open rejects: %w", err)
	}
	return &rejects{f: f}, nil
}

// write takes a line, or a piece of one. A line that lacks its newline gets
// one, so that the next one is a line of its own.
func (r *rejects) write(piece []byte, last bool) error {
	if n := len(piece); n > 0 {
		r.newline = piece[n-1] == '\n'
	}
	_, err := r.f.Write(piece)
	if err == nil && last && !r.newline {
		_, err = r.f.Write([]byte{'\n'})
	}
	if err != nil {
		return fmt.Errorf("write rejects: %w", err)
	}
	return nil
}

// close makes what was written durable.
func (r *rejects) close() error {
	var err error
	if info, serr := r.f.Stat(); serr == nil && info.Mode().IsRegular() {
		err = r.f.Sync()
	}
	if err = errors.Join(err, r.f.Close()); err != nil {
		return fmt.Errorf("close rejects: %w", err)
	}
	return nil
}
