package stream

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"
)

// settleStep is how often a file with an unfinished last line is looked at.
const settleStep = 5 * time.Millisecond

// Settle waits up to d for a regular file to grow beyond its bound, as it does
// when a writer is in the middle of a line. It reports whether it grew. A
// stream and a compressed file never grow.
func (s *Source) Settle(ctx context.Context, d time.Duration) (grew bool, err error) {
	if s.File() == nil {
		return false, nil
	}
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	tick := time.NewTicker(settleStep)
	defer tick.Stop()
	for last := false; ; {
		info, err := s.file.Stat()
		if err != nil {
			return false, fmt.Errorf("inspect %s: %w", s.name, err)
		}
		if info.Size() > s.size {
			return true, nil
		}
		if last {
			return false, nil
		}
		select {
		case <-tick.C:
		case <-timeout.C:
			last = true
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// Verify fails with a *ChangedError if the file has shrunk, was replaced or was
// rewritten in place since it was opened. Appending is no change. A stream
// never changes.
func (s *Source) Verify() error {
	if !s.regular {
		return nil
	}
	now, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("inspect %s: %w", s.name, err)
	}
	if now.Size() < s.size {
		return &ChangedError{Path: s.name, What: "shrank", Offset: now.Size()}
	}
	if !bytes.Equal(readHead(s.file, s.size), s.head) {
		return &ChangedError{Path: s.name, What: "was rewritten", Offset: 0}
	}
	// Standard input has no path to compare with.
	if !s.byPath {
		return nil
	}
	atPath, err := os.Stat(s.name)
	if err != nil {
		if os.IsNotExist(err) {
			return &ChangedError{Path: s.name, What: "was removed", Offset: s.size}
		}
		return fmt.Errorf("inspect %s: %w", s.name, err)
	}
	if !os.SameFile(atPath, now) {
		return &ChangedError{Path: s.name, What: "was replaced", Offset: s.size}
	}
	return nil
}
