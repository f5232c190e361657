package repair

import (
	"bytes"
	"fmt"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
)

// guard sees what a repair keeps and drops, and says so if that cannot be
// meant: a README, a program or somebody else's log was named by mistake. NUL
// bytes and blank lines hold nothing, and are not counted as dropped.
type guard struct {
	mend.Sink
	kept    int64 // lines, each a record
	dropped int64 // lines
	nuls    int64 // bytes
	types   map[record.Type]int64
	sample  [][]byte // of what is dropped
}

// The sample is small: it is kept for every repair.
const (
	sampleLines = 64
	sampleBytes = 4 << 10
)

// watch puts a guard at the exit of a repair.
func watch(t *job) *guard {
	g := &guard{Sink: t.sink, types: map[record.Type]int64{}}
	t.sink = g
	t.observe = append(t.observe, g.see)
	return g
}

func (g *guard) Keep(off int64, data []byte) error {
	g.kept += int64(bytes.Count(data, []byte{'\n'}))
	return g.Sink.Keep(off, data)
}

func (g *guard) Add(text string) error {
	if text == "\n" {
		g.kept++
	}
	return g.Sink.Add(text)
}

// see is an observer.
func (g *guard) see(c mend.Change) error {
	nuls := c.Length
	if c.Raw != nil {
		nuls = int64(bytes.Count(c.Raw, []byte{0}))
	}
	g.nuls += nuls
	if c.Action != mend.Dropped || c.Continues || nuls == c.Length || c.Type == record.BlankLine || c.Type == record.ByteOrderMark ||
		c.Type == record.NULBytes && len(bytes.Trim(c.Raw, "\x00\n")) == 0 {
		return nil
	}
	g.dropped++
	g.types[c.Type]++
	if len(g.sample) < sampleLines {
		g.sample = append(g.sample, bytes.Clone(c.Raw[:min(len(c.Raw), sampleBytes)]))
	}
	return nil
}

// unmeant is why a repair that came to t is stopped; "" if it is not.
func (g *guard) unmeant(t *fileReport) string {
	gone := t.BytesDropped - g.nuls
	var what string
	switch {
	case t.LinesChanged == 0 || t.BytesIn == 0:
		return ""
	case g.kept == 0:
		what = fmt.Sprintf("nothing would be left: none of its %s bytes is part of a record", humanize.Comma(t.BytesIn))
	case gone > t.BytesKept:
		what = fmt.Sprintf("repair would drop more than it keeps: %s bytes of %s", humanize.Comma(gone), humanize.Comma(t.BytesIn))
	case g.dropped > g.kept:
		what = fmt.Sprintf("repair would drop more than half of the lines: %s of %s", humanize.Comma(g.dropped), humanize.Comma(g.dropped+g.kept))
	default:
		return ""
	}
	look := g.look(target(t.Path))
	if look != "" {
		look = "; " + look
	}
	return fmt.Sprintf("%s: %s%s (--force goes on)", t.Path, what, look)
}
