package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// piece is what a reader yields, put so that two readings can be compared
// whatever their blocks were.
type piece struct {
	Kind   stream.BlockKind
	Text   string
	Offset int64
	Length int64
	Pos    record.Position
	Ended  bool
}

// collect reads everything and checks on the way that blocks have no gaps.
//
// A line over the limit comes as an oversized block or, where it fits into a
// block all the same, among others: the check refuses it there. Here both look
// like the first.
func collect(t require.TestingT, r *stream.Reader, workers, max int) []piece {
	type part struct{ pieces []piece }
	var all []piece
	next := int64(0)
	err := stream.Each(context.Background(), r, stream.EachOptions{Workers: workers},
		func(b *stream.Block, out *part) {
			out.pieces = out.pieces[:0]
			if b.Kind != stream.Lines {
				out.pieces = append(out.pieces, piece{Kind: b.Kind, Text: string(b.Data), Offset: b.Offset, Length: b.Length, Ended: b.Terminated})
				return
			}
			for l := range b.Lines {
				p := piece{Text: string(l.Text), Offset: l.Offset, Length: l.Size(), Pos: l.Pos}
				if len(l.Text) > max {
					p.Kind, p.Pos, p.Ended = stream.Oversized, 0, l.Terminated()
					if p.Ended {
						p.Text += "\n"
					}
				}
				out.pieces = append(out.pieces, p)
			}
		},
		func(b *stream.Block, out *part) error {
			require.Equal(t, next, b.Offset)
			next += b.Length
			for _, p := range out.pieces {
				if n := len(all) - 1; p.Kind == stream.Oversized && b.Continues {
					all[n].Text += p.Text
					all[n].Length += p.Length
					all[n].Ended = p.Ended
					continue
				}
				all = append(all, p)
			}
			return nil
		})
	require.NoError(t, err)
	require.Equal(t, next, r.Offset())
	return all
}

// naive cuts text the way the documentation says, without any block.
func naive(text string, max int) []piece {
	var all []piece
	for i := 0; i < len(text); {
		n := strings.IndexByte(text[i:], '\n')
		line, ended := text[i:], false
		if n >= 0 {
			line, ended = text[i:i+n], true
		}
		size := int64(len(line))
		p := piece{Text: line, Offset: int64(i)}
		if ended {
			size++
		} else {
			p.Pos |= record.Unterminated
		}
		if i == 0 {
			p.Pos |= record.First
		}
		p.Length = size
		if len(line) > max {
			p = piece{Kind: stream.Oversized, Text: text[i : int64(i)+size], Offset: int64(i), Length: size, Ended: ended}
		}
		all = append(all, p)
		i += int(size)
	}
	return all
}

// Every block size, and so a block boundary at every offset of the text, gives
// the same lines, on one core and on several.
func TestReaderIsTheSameForEveryBlockSize(t *testing.T) {
	text := "{\"a\":1}\n\n\r\n{\"long\":\"" + strings.Repeat("x", 100) + "\"}\nabc\n" + strings.Repeat("y", 31) + "\n" + strings.Repeat("z", 30) + "\nend"
	for size := 1; size <= len(text)+2; size++ {
		for _, cut := range []int{0, 1, 4, 5} {
			in := text[:len(text)-cut]
			for _, workers := range []int{1, 3} {
				r := stream.NewReader(iotest.OneByteReader(strings.NewReader(in)), stream.ReaderOptions{BlockBytes: size, MaxLineBytes: 30})
				require.Equal(t, naive(in, 30), collect(t, r, workers, 30), "block size %d, %d workers", size, workers)
			}
		}
	}
}

// liveReader gives what it has in pieces, as a pipe does.
type liveReader struct {
	io.Reader
	sizes []int
}

func (liveReader) Live() bool { return true }

func (r *liveReader) Read(p []byte) (int, error) {
	n := 1
	if len(r.sizes) > 0 {
		n, r.sizes = r.sizes[0], r.sizes[1:]
	}
	return r.Reader.Read(p[:min(len(p), n)])
}

// Lines of a pipe are handed on as they come, and are the same lines.
func TestReaderOfALiveSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,40}`), 0, 40).Draw(t, "lines"), "\n")
		sizes := rapid.SliceOf(rapid.IntRange(1, 90)).Draw(t, "sizes")
		max := rapid.IntRange(1, 50).Draw(t, "max")
		r := stream.NewReader(&liveReader{strings.NewReader(text), sizes}, stream.ReaderOptions{BlockBytes: 64, MaxLineBytes: max})
		require.Equal(t, naive(text, max), collect(t, r, rapid.IntRange(1, 3).Draw(t, "workers"), max))
	})
	in, out := io.Pipe()
	go out.Write([]byte("one\ntw")) // and no more
	src, err := stream.FromReader("-", in)
	require.NoError(t, err)
	var b stream.Block
	require.NoError(t, stream.NewReader(src, stream.ReaderOptions{}).Next(&b))
	require.Equal(t, "one\n", string(b.Data))
	require.NoError(t, in.Close())
}

func TestReaderAgreesWithNaiveCutting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,40}`), 0, 40).Draw(t, "lines"), "\n")
		size := rapid.IntRange(1, 64).Draw(t, "block")
		max := rapid.IntRange(1, 50).Draw(t, "max")
		workers := rapid.IntRange(1, 4).Draw(t, "workers")
		r := stream.NewReader(strings.NewReader(text), stream.ReaderOptions{BlockBytes: size, MaxLineBytes: max})
		require.Equal(t, naive(text, max), collect(t, r, workers, max))
	})
}

// A run of NUL bytes comes as a block of its own wherever it stands.
func TestReaderNULRuns(t *testing.T) {
	nul := strings.Repeat("\x00", stream.NULRunMin)
	long := strings.Repeat("\x00", 5*stream.NULRunMin+77)
	short := strings.Repeat("\x00", stream.NULRunMin-1)
	lines := func(p ...piece) []piece { return p }
	tests := []struct {
		name, text string
		want       []piece
	}{
		{"alone", nul, lines(piece{Kind: stream.NULRun, Length: int64(len(nul))})},
		{"with newline", nul + "\nab\n", lines(piece{Kind: stream.NULRun, Length: int64(len(nul)) + 1, Ended: true},
			piece{Text: "ab", Offset: int64(len(nul)) + 1, Length: 3})},
		{"before a record", long + "ab\ncd", lines(piece{Kind: stream.NULRun, Length: int64(len(long))},
			piece{Text: "ab", Offset: int64(len(long)), Length: 3, Pos: record.AfterNUL},
			piece{Text: "cd", Offset: int64(len(long)) + 3, Length: 2, Pos: record.Unterminated})},
		{"after a record", "ab" + long, lines(piece{Text: "ab", Length: 2, Pos: record.First | record.BeforeNUL | record.Unterminated},
			piece{Kind: stream.NULRun, Offset: 2, Length: int64(len(long))})},
		{"between", "ab" + nul + "cd\n", lines(piece{Text: "ab", Length: 2, Pos: record.First | record.BeforeNUL | record.Unterminated},
			piece{Kind: stream.NULRun, Offset: 2, Length: int64(len(nul))},
			piece{Text: "cd", Offset: 2 + int64(len(nul)), Length: 3, Pos: record.AfterNUL})},
		{"too short", "ab" + short + "cd\n", lines(piece{Text: "ab" + short + "cd", Length: int64(len(short)) + 5, Pos: record.First})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1 << 10, 4097, 70 << 10, 1 << 20} {
				r := stream.NewReader(strings.NewReader(tt.text), stream.ReaderOptions{BlockBytes: size})
				require.Equal(t, tt.want, collect(t, r, 1, 1<<30), "block size %d", size)
			}
		})
	}
}

// What was read before a failure is delivered; the line it cut off is not.
func TestReaderFailure(t *testing.T) {
	broken := fmt.Errorf("broken disk")
	for size := 1; size < 20; size++ {
		r := stream.NewReader(io.MultiReader(strings.NewReader("ab\ncd\nef"), iotest.ErrReader(broken)), stream.ReaderOptions{BlockBytes: size})
		var b stream.Block
		var got bytes.Buffer
		err := error(nil)
		for err == nil {
			if err = r.Next(&b); err == nil {
				got.Write(b.Data)
			}
		}
		require.ErrorIs(t, err, broken)
		require.Equal(t, "ab\ncd\n", got.String())
		require.Equal(t, int64(8), r.Offset())
	}
}

// Reading backward gives the lines that reading forward gives.
func TestBackwardAgreesWithReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,40}`), 0, 40).Draw(t, "lines"), "\n")
		o := stream.ReaderOptions{BlockBytes: rapid.IntRange(1, 64).Draw(t, "block"), MaxLineBytes: 100}
		back := stream.NewBackward(strings.NewReader(text), int64(len(text)), o)
		var got []piece
		var b stream.Block
		for {
			err := back.Next(&b)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			var these []piece
			for l := range b.Lines {
				these = append(these, piece{Text: string(l.Text), Offset: l.Offset, Length: l.Size(), Pos: l.Pos})
			}
			got = append(these, got...)
		}
		require.Equal(t, naive(text, 100), got)
	})
}
