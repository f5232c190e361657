package durable

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Replace gives the log at path the content that write writes, with everything
// that a [Session] does for those who append meanwhile: what the log gets after
// Replace has locked it stays, behind the new content. A log that is missing is
// made with perm, less the umask.
//
// On an error of write the log is as it was.
func Replace(ctx context.Context, path string, perm fs.FileMode, o Options, write func(io.Writer) error) (Report, error) {
	p, err := o.fs().Place(path)
	if err != nil {
		return Report{}, fmt.Errorf("write %s: %w", path, bare(err))
	}
	defer p.Close()
	if info, err := o.fs().Lstat(p.At); err == nil {
		if _, err := p.look(info, nil); err != nil {
			return Report{}, fmt.Errorf("write %s: %w", path, err)
		}
	}
	o.placed = true
	s, err := Begin(ctx, p.Path, o)
	if errors.Is(err, fs.ErrNotExist) {
		rep := Report{Outcome: Outcome{Guarantee: o.guarantee()}}
		err := writeNew(o.fs(), path, perm, write, &rep.BytesAfter)
		if !errors.Is(err, fs.ErrExist) {
			return rep, err
		}
		// Somebody made it while the input was read, which cannot be read
		// again.
		return Report{}, &RefusedError{Path: path, Reason: "it was made by somebody else meanwhile", Err: err}
	}
	if err != nil {
		return Report{}, err
	}
	rep, err := s.replace(ctx, write)
	return rep, errors.Join(err, s.Close())
}

func (s *Session) replace(ctx context.Context, write func(io.Writer) error) (Report, error) {
	out, err := s.CreateFor(0)
	if err != nil {
		return Report{}, err
	}
	if err := write(out); err != nil {
		return Report{}, err
	}
	if err := out.Flush(); err != nil {
		return Report{}, err
	}
	upTo, err := s.seenUpTo(out)
	if err != nil {
		return Report{}, err
	}
	return s.Commit(ctx, upTo)
}

const (
	seenWindow = 1 << 20 // how far after the lock a filter that began at the same moment may have opened the log
	lastWindow = 64 << 10
)

// seenUpTo returns up to where the content was made of the log itself, as in
// `papyra-filter LOG | …`: a filter that opened the log a moment after it was
// locked has seen a little more than the size then, and its last line tells how
// much.
func (s *Session) seenUpTo(out *Output) (int64, error) {
	from := max(0, out.off-lastWindow)
	end := make([]byte, out.off-from)
	if _, err := out.ReadAt(end, from); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	at := bytes.LastIndexByte(bytes.TrimSuffix(end, []byte{'\n'}), '\n')
	if len(end) == 0 || end[len(end)-1] != '\n' || at < 0 && from > 0 {
		return s.info.Size, nil
	}
	line := append([]byte{'\n'}, end[at+1:]...)
	start := max(0, s.info.Size-1)
	region := make([]byte, seenWindow)
	n, err := s.log.ReadAt(region, start)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if at := bytes.LastIndex(region[:n], line); at >= 0 {
		return start + int64(at+len(line)), nil
	}
	return s.info.Size, nil
}
