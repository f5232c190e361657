// Package appendlog appends to a log durably, beside other writers and while
// the tools of papyra rewrite it.
package appendlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/papyra-tools/papyra/internal/durable"
)

// Log is a log that is open for appending. It holds no lock between two calls.
// It is safe for concurrent use; callers that append few lines at a time and
// many times a second should gather them, for every Append waits for the disk.
type Log struct{ a *durable.Appender }

// Open opens the log at path, and makes it if it is missing; a symbolic link is
// followed. ctx ends waiting for locks, in later calls too. A lock that is
// still held after 30 seconds is an error.
func Open(ctx context.Context, path string) (*Log, error) {
	a, err := durable.OpenAppender(ctx, path, durable.AppendOptions{Create: true})
	if err != nil {
		return nil, err
	}
	return &Log{a}, nil
}

// Append appends whole lines, the last one ended by a newline, and fsyncs them.
// They are not checked for being records. Once it has returned nil they are in
// the log and on disk, as far as the system's fsync tells the truth. A log that
// ends in the middle of a line gets a newline first. Lines of one call stay
// together unless the system cuts the write short; lines of others that lock
// the log, as the tools of papyra do, never come to stand inside one.
//
// After an error some of the lines may be in the log, each whole unless the
// error says that a torn one stays; a caller that tries again may so write
// lines twice. An error wraps the cause, syscall.ENOSPC say. An fsync that has
// failed is not tried again: every later Append fails as it did.
func (l *Log) Append(lines []byte) error {
	_, err := l.a.Append(lines)
	if synced := l.a.Sync(); err == nil {
		return synced
	} else if synced != nil && !errors.Is(err, synced) {
		return fmt.Errorf("%w; %w", err, synced)
	}
	return err
}

// Close closes the log. What Append has acknowledged is safe without it.
func (l *Log) Close() error { return l.a.Close() }
