package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
)

// sampleWindow is how much text is looked at in one place for a sample, and
// glanceWindow for a small one.
const (
	sampleWindow = 1 << 20
	glanceWindow = 32 << 10
)

// Sample returns up to most lines that stand for the whole log, without their
// newlines: of one that is Seekable, lines from its head, its middle and its
// end; of others, of which it reads at most 3 MiB, the first ones. A line that
// does not end within the text that is looked at is left out, unless it is the
// last one of the log. A stream can't be walked any more afterwards.
func Sample(l *Log, most int) ([][]byte, error) { return sample(l, most, sampleWindow) }

// Glance is Sample of some 100 KiB, unless the lines are so long that there
// would be few of them: for logs of which there are many.
func Glance(l *Log, most int) ([][]byte, error) {
	if lines, err := sample(l, most, glanceWindow); err != nil || len(lines) >= most/4 {
		return lines, err
	}
	return sample(l, most, sampleWindow)
}

func sample(l *Log, most int, window int64) ([][]byte, error) {
	size := l.Size()
	if !l.Seekable() || size <= 3*window {
		return sampleHead(l, most, window)
	}
	var sample [][]byte
	for i, at := range []int64{0, (size - window) / 2, size - window} {
		text := make([]byte, window)
		if _, err := l.ReadAt(text, at); err != nil {
			return sample, err
		}
		sample = append(sample, spread(lines(text, i == 0, i == 2), most/3)...)
	}
	return sample, nil
}

func sampleHead(l *Log, most int, window int64) ([][]byte, error) {
	s := l.members[0]
	end := int64(math.MaxInt64)
	if s.plain() {
		end = s.size
	}
	r, err := s.text(context.Background(), 0, end)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, 3*window+1))
	whole := err == nil && int64(len(text)) <= 3*window
	return spread(lines(text, true, whole), most), errors.Join(err, r.Close())
}

// lines splits text into lines. It leaves out a first one that may have begun
// before the text, and a last one that may go on behind it.
func lines(text []byte, start, end bool) [][]byte {
	all := bytes.Split(text, []byte("\n"))
	if !end || len(all[len(all)-1]) == 0 {
		all = all[:len(all)-1]
	}
	if !start && len(all) > 0 {
		all = all[1:]
	}
	return all
}

// spread returns at most n of the lines, from all over them.
func spread(all [][]byte, n int) [][]byte {
	if len(all) <= n {
		return all
	}
	out := make([][]byte, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}
