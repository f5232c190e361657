package stream

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// How the text of a file is stored: as it is, or in members of RFC 1952 or
// frames of RFC 8878.
const (
	plain     = ""
	gzipped   = "gzip"
	zstandard = "zstd"
)

// maxWindow is the largest zstd window that is decoded: 8 MiB, which all levels
// up to 19 keep to. Files made with --long or --ultra need more memory than
// these tools allow themselves.
const maxWindow = 8 << 20

var (
	gzipMagic = []byte{0x1f, 0x8b, 0x08}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	skippable = []byte{0x2a, 0x4d, 0x18} // after a byte from 0x50 to 0x5f
)

// detect tells by the first bytes of a file how it is compressed. A zstd file
// may begin with a frame that is to be skipped, and a file that ends within the
// magic of gzip is a gzip file that was cut off: no text begins like that.
func detect(head []byte) string {
	switch {
	case bytes.HasPrefix(head, gzipMagic), bytes.Equal(head, gzipMagic[:2]):
		return gzipped
	case bytes.HasPrefix(head, zstdMagic), len(head) >= 4 && head[0]>>4 == 5 && bytes.Equal(head[1:4], skippable):
		return zstandard
	}
	return plain
}

// newStream returns the source of a stream. Its first bytes, which it gives
// only once, are kept for the reader.
func newStream(name string, r io.Reader) (*source, error) {
	buffered := bufio.NewReaderSize(r, 4096)
	head, _ := buffered.Peek(len(zstdMagic)) // an error comes again on reading
	s := &source{name: name, size: -1, format: detect(head), stream: &prefixed{buffered: buffered, rest: r}}
	if s.format == plain {
		return s, nil
	}
	text, err := s.decompress(s.stream)
	if err != nil {
		return nil, err
	}
	s.stream, s.close = text, text.Close
	return s, nil
}

// decompress returns the text of what r yields.
func (s *source) decompress(r io.Reader) (io.ReadCloser, error) {
	d := &decoder{s: s, in: &countReader{r: r}, close: func() {}}
	var err error
	if s.format == gzipped {
		var z *members
		z, err = newMembers(bufio.NewReaderSize(d.in, 64<<10))
		d.z, d.after = z, func() bool { return z.between }
	} else {
		var z *zstd.Decoder
		z, err = zstd.NewReader(d.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		d.z, d.close = z, z.Close
	}
	if err != nil {
		return nil, &DecompressError{Name: s.name, Format: s.format, Offset: d.in.n, Err: err}
	}
	return d, nil
}

// DecompressError says that compressed text is cut off or damaged. What came
// before the damage has been delivered.
type DecompressError struct {
	Name   string
	Format string // "gzip" or "zstd"
	// Offset is how many bytes of the compressed file had been taken in.
	Offset int64
	// TextOffset is how many bytes of text had been delivered.
	TextOffset int64
	// After says that the damage stands behind a stream that is whole.
	After bool
	Err   error
}

func (e *DecompressError) Error() string {
	what := "is damaged"
	if e.After {
		return fmt.Sprintf("trailing garbage after the %s data of %s, before compressed byte %d (the text ends at byte %d): %v",
			e.Format, e.Name, e.Offset, e.TextOffset, e.Err)
	}
	if errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, io.EOF) {
		what = "is truncated"
	}
	if errors.Is(e.Err, zstd.ErrWindowSizeExceeded) || errors.Is(e.Err, zstd.ErrDecoderSizeExceeded) {
		return fmt.Sprintf("the zstd data of %s wants more memory than is allowed (a window over 8 MiB): decompress it first, as in zstd -dc --long=31 %[1]s | …: %[2]v",
			e.Name, e.Err)
	}
	return fmt.Sprintf("the %s data of %s %s at compressed byte %d (byte %d of the text): %v",
		e.Format, e.Name, what, e.Offset, e.TextOffset, e.Err)
}

func (e *DecompressError) Unwrap() error { return e.Err }

type decoder struct {
	s     *source
	z     io.Reader
	in    *countReader
	out   int64
	after func() bool // whether it failed behind a whole stream; nil if it cannot tell
	close func()
}

func (d *decoder) Close() error {
	d.close()
	return nil
}

func (d *decoder) Read(p []byte) (int, error) {
	n, err := d.z.Read(p)
	d.out += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	if d.in.err != nil && !errors.Is(d.in.err, io.EOF) {
		return n, d.in.err // the file failed, not the decoder
	}
	return n, &DecompressError{Name: d.s.name, Format: d.s.format, Offset: d.in.n, TextOffset: d.out,
		After: d.after != nil && d.after(), Err: err}
}

// members reads the members of a gzip file one by one, to know whether it
// failed within one or behind it.
type members struct {
	z       *gzip.Reader
	in      *bufio.Reader
	between bool
}

func newMembers(in *bufio.Reader) (*members, error) {
	z, err := gzip.NewReader(in)
	if err == nil {
		z.Multistream(false)
	}
	return &members{z: z, in: in}, err
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.z.Read(p)
	if err != io.EOF {
		return n, err
	}
	next, err := m.in.Peek(1)
	if err != nil {
		return n, err
	}
	m.between = next[0] != gzipMagic[0]
	if err := m.z.Reset(m.in); err != nil {
		return n, err
	}
	m.z.Multistream(false)
	return n, nil
}

type countReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

// prefixed reads what a buffer holds, and then past the buffer, so that large
// reads need no second copy.
type prefixed struct {
	buffered *bufio.Reader
	rest     io.Reader
}

func (p *prefixed) Read(b []byte) (int, error) {
	if p.buffered != nil {
		if n := p.buffered.Buffered(); n > 0 {
			return p.buffered.Read(b[:min(len(b), n)])
		}
		p.buffered = nil
	}
	return p.rest.Read(b)
}
