package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// seen is what a walk brings of a line.
type seen struct {
	Text           string
	Offset, Length int64
	Line           int64
	Terminated     bool
	Result         record.Result
}

// collector remembers all lines, in file order, and checks that blocks have no
// gaps.
type collector struct {
	text     string
	backward bool
	next     int64
	all      []seen
	raw      []byte
	stop     int64 // enough was read where a block starts there or before
}

type collected struct{ lines []seen }

func (c *collector) NewPart() stream.Part { return &collected{} }

func (p *collected) Reset() { p.lines = p.lines[:0] }

func (p *collected) Line(l *stream.Line) {
	p.lines = append(p.lines, seen{Text: string(l.Text), Offset: l.Offset, Length: l.Length, Line: int64(l.Index),
		Terminated: l.Terminated, Result: l.Result})
}

func (c *collector) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*collected)
	if int(b.Lines) != len(p.lines) {
		return fmt.Errorf("a block of %d lines, %d of which were seen", b.Lines, len(p.lines))
	}
	end := b.Start
	if c.backward {
		end += b.Length
	}
	if end != c.next {
		return fmt.Errorf("after byte %d a block that ends or starts at %d", c.next, end)
	}
	if c.backward {
		c.next = b.Start
		c.all = append(slices.Clone(p.lines), c.all...)
		if b.Start <= c.stop {
			return stream.ErrEnough
		}
		return nil
	}
	c.next += b.Length
	if err := b.Raw(0, len(b.Data), func(text []byte, zeros int64) error {
		c.raw = append(append(c.raw, text...), make([]byte, zeros)...)
		return nil
	}); err != nil {
		return err
	}
	for _, l := range p.lines {
		l.Line += b.Line
		c.all = append(c.all, l)
	}
	return nil
}

// naive cuts text the way the documentation says, without any block.
func naive(text string, max int) (all []seen) {
	checker := record.NewChecker(record.Options{MaxLineBytes: max})
	for i := 0; i < len(text); {
		line, after, terminated := strings.Cut(text[i:], "\n")
		var pos record.Position
		if i == 0 {
			pos |= record.First
		}
		if !terminated {
			pos |= record.Unterminated
		}
		all = append(all, seen{Text: line, Offset: int64(i), Length: int64(len(line)), Line: int64(len(all)),
			Terminated: terminated, Result: checker.Check([]byte(line), pos)})
		i = len(text) - len(after)
		if !terminated {
			break
		}
	}
	return all
}

// same reports whether two walks told the same, but for the text of what is not
// held.
func requireSame(t require.TestingT, want, got []seen, text string) {
	require.Equal(t, len(want), len(got))
	for i := range want {
		w, g := want[i], got[i]
		require.Equal(t, w.Offset, g.Offset)
		require.Equal(t, w.Length, g.Length)
		require.Equal(t, w.Terminated, g.Terminated)
		require.Equal(t, w.Result, g.Result, "line %d of %q", i, text)
		if g.Text != w.Text {
			require.True(t, g.Text == "" && w.Result.Faults.Has(record.OversizedLine) || strings.HasPrefix(w.Text, g.Text[:min(len(g.Text), 100)]))
		}
	}
}

// damagedText draws a log in which much is wrong.
func damagedText(t *rapid.T) string {
	nul := func(n int) string { return strings.Repeat("\x00", n) }
	pieces := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			`{"kind":"event","timestamp":1}`, `{"kind":"metric","timestamp":2,"x":"` + strings.Repeat("y", 60) + `"}`,
			`{"kind":"ev`, "\n", "\n", "\n", "\n\n", "\r\n", " ", "\xef\xbb\xbf", "\xff", `{"kind":"odd","timestamp":1}`, "[1]",
			nul(1), nul(3), nul(4095), nul(4096), nul(4097), nul(9000), strings.Repeat("x", 300),
		}),
		rapid.StringMatching(`[{}",:a-z\n]{0,12}`),
	), 0, 30).Draw(t, "pieces")
	return strings.Join(pieces, "")
}

// On one core and on several, with any size of block, forward and backward, a
// walk tells the same, and what the definition of a line says.
func TestWalkIsTheSameHoweverItRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := damagedText(t)
		max := rapid.SampledFrom([]int{40, 200, 5000, 20000}).Draw(t, "max")
		want := naive(text, max)
		o := stream.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: max}),
			BlockBytes: rapid.IntRange(1, 300).Draw(t, "block"), Workers: rapid.IntRange(1, 4).Draw(t, "workers")}
		file := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
		var src io.Reader = struct{ io.Reader }{strings.NewReader(text)}
		if rapid.Bool().Draw(t, "slow") {
			src = iotest.HalfReader(src)
		}
		pipe, err := stream.FromReader("-", src)
		require.NoError(t, err)
		for _, log := range []*stream.Log{file, pipe} {
			c := &collector{}
			end, err := stream.Forward(context.Background(), log, o, c)
			require.NoError(t, err)
			requireSame(t, want, c.all, text)
			require.Equal(t, text, string(c.raw))
			require.Equal(t, stream.End{Offset: int64(len(text)), Lines: int64(len(want))}, end)
			for i, l := range c.all {
				require.EqualValues(t, i, l.Line)
			}
		}
		c := &collector{backward: true, next: int64(len(text)), stop: -1}
		end, err := stream.Backward(context.Background(), file, o, c)
		if errors.Is(err, stream.ErrNeedForward) {
			want = slices.DeleteFunc(want, func(s seen) bool { return s.Offset < end.Offset })
			for _, l := range naive(text, max) {
				if l.Offset+l.Length < end.Offset && l.Offset+l.Length+1 == end.Offset {
					require.Greater(t, l.Length, int64(max), "only a line over the limit needs a walk forward")
				}
			}
		} else {
			require.NoError(t, err)
		}
		requireSame(t, want, c.all, text)
	})
}

// A walk between two offsets brings the lines that stand there.
func TestWalkOfAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := damagedText(t)
		all := naive(text, 5000)
		cuts := []int64{0}
		for _, l := range all {
			cuts = append(cuts, l.Offset)
		}
		cuts = append(cuts, int64(len(text)))
		i := rapid.IntRange(0, len(cuts)-1).Draw(t, "from")
		j := rapid.IntRange(i, len(cuts)-1).Draw(t, "to")
		if cuts[j] == 0 {
			return
		}
		want := slices.DeleteFunc(all, func(s seen) bool { return s.Offset < cuts[i] || s.Offset >= cuts[j] })
		o := stream.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: 5000}), From: cuts[i], To: cuts[j],
			BlockBytes: rapid.IntRange(1, 300).Draw(t, "block"), Workers: 1}
		file := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
		c := &collector{next: cuts[i]}
		_, err := stream.Forward(context.Background(), file, o, c)
		require.NoError(t, err)
		requireSame(t, want, c.all, text)
	})
}

// A line with NUL bytes has one verdict, one place and one length, however many
// there are of them.
func TestNULRunOfAnyLength(t *testing.T) {
	rec := `{"kind":"event","timestamp":1}`
	for _, n := range []int{1, 4095, 4096, 4097, 65535, 65536, 65537, 128 << 10, 1<<20 + 7} {
		text := rec + "\n" + rec + strings.Repeat("\x00", n) + "{}" + strings.Repeat("\x00", n) + rec + "\n" + rec + "\n"
		for _, block := range []int{64, 1 << 10, 0} {
			c := &collector{}
			file := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
			_, err := stream.Forward(context.Background(), file, stream.Options{BlockBytes: block}, c)
			require.NoError(t, err)
			require.Len(t, c.all, 3)
			l := c.all[1]
			require.Equal(t, record.NULBytes, l.Result.Fault)
			require.EqualValues(t, 2*len(rec)+2*n+2, l.Length)
			require.EqualValues(t, len(rec), l.Result.At)
			require.EqualValues(t, len(text)-len(rec)-1, c.all[2].Offset)
		}
	}
}

// What was read before a failure is brought; the line that it cut off is not.
func TestWalkThatFails(t *testing.T) {
	broken := fmt.Errorf("broken disk")
	for size := 1; size < 20; size++ {
		for _, workers := range []int{1, 3} {
			src := io.MultiReader(strings.NewReader("ab\ncd\nef"), iotest.ErrReader(broken))
			log, err := stream.FromReader("-", src)
			require.NoError(t, err)
			c := &collector{}
			end, err := stream.Forward(context.Background(), log, stream.Options{BlockBytes: size, Workers: workers}, c)
			require.ErrorIs(t, err, broken)
			require.Equal(t, "ab\ncd\n", string(c.raw))
			require.Equal(t, int64(8), end.Offset)
		}
	}
}

// Lines of a pipe are brought as they come.
func TestWalkOfALiveStream(t *testing.T) {
	in, out := io.Pipe()
	go out.Write([]byte("one\ntw")) // and no more
	log, err := stream.FromReader("-", in)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	c := &first{then: func() { cancel(); in.Close() }}
	_, err = stream.Forward(ctx, log, stream.Options{}, c)
	require.Error(t, err)
	require.Equal(t, "one\n", c.data)
}

// first is a visitor of one block.
type first struct {
	data string
	then func()
}

func (f *first) NewPart() stream.Part { return f }
func (f *first) Reset()               {}
func (f *first) Line(*stream.Line)    {}

func (f *first) Fold(b *stream.Block, _ stream.Part) error {
	f.data = string(b.Data)
	f.then()
	return nil
}

// A walk backward ends where its visitor has enough, without an error.
func TestEnough(t *testing.T) {
	text := strings.Repeat("{}\n", 1000)
	file := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
	c := &collector{backward: true, next: int64(len(text)), stop: 2500}
	end, err := stream.Backward(context.Background(), file, stream.Options{BlockBytes: 100, Workers: 3}, c)
	require.NoError(t, err)
	require.LessOrEqual(t, end.Offset, int64(2500))
	require.Greater(t, end.Offset, int64(2300))
}

// The files of a set are one log: each has a start and an end of its own.
func TestSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	bom := "\xef\xbb\xbf"
	files := []string{"{}\n[", bom + "{}\n{}", "", bom + "{}\n"}
	for i, text := range files {
		name := path
		if i < len(files)-1 {
			name += fmt.Sprintf(".%d", len(files)-1-i)
		}
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	log, set, err := stream.OpenSet(t.Context(), path, 0)
	require.NoError(t, err)
	defer log.Close()
	require.Len(t, set.Files, 4)
	held := stream.Options{Held: func(stream.Tail) (bool, error) { return true, nil }}
	for _, file := range log.Members() {
		end, err := stream.Forward(context.Background(), file, held)
		require.NoError(t, err)
		require.Nil(t, end.InFlight, "nobody writes to a rotated file, and the newest ends its line")
	}
	whole := strings.Join(files, "")
	got := make([]byte, len(whole))
	_, err = log.ReadAt(got, 0)
	require.NoError(t, err)
	require.Equal(t, whole, string(got))
	for _, o := range []stream.Options{{Workers: 1}, {Workers: 2, BlockBytes: 3}} {
		c := &collector{}
		_, err = stream.Forward(context.Background(), log, o, c)
		require.NoError(t, err)
		back := &collector{backward: true, next: log.Size(), stop: -1}
		_, err = stream.Backward(context.Background(), log, o, back)
		require.NoError(t, err)
		for i := range back.all {
			back.all[i].Line = c.all[i].Line
		}
		require.Equal(t, c.all, back.all)
		var texts []string
		marks := 0
		for _, l := range c.all {
			texts = append(texts, l.Text)
			if l.Result.Faults.Has(record.ByteOrderMark) {
				marks++
				require.True(t, l.Result.IsRecord())
			}
		}
		require.Equal(t, []string{"{}", "[", bom + "{}", "{}", bom + "{}"}, texts)
		require.Equal(t, 2, marks)
	}
}

// allocations returns how many bytes f allocates.
func allocations(t *testing.T, f func()) uint64 {
	r := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			f()
		}
	})
	return uint64(r.AllocedBytesPerOp())
}

// Many long lines in a row take no more memory than a few.
func TestLongLinesShareABuffer(t *testing.T) {
	const length, lines = 3 << 20, 30
	text := bytes.Repeat(append(bytes.Repeat([]byte("x"), length), '\n'), lines)
	file := stream.FromReaderAt("log", bytes.NewReader(text), int64(len(text)))
	for name, walk := range map[string]func(context.Context, *stream.Log, stream.Options, ...stream.Visitor) (stream.End, error){
		"forward": stream.Forward, "backward": stream.Backward,
	} {
		used := allocations(t, func() {
			end, err := walk(context.Background(), file, stream.Options{Workers: 2})
			require.NoError(t, err)
			require.EqualValues(t, lines, end.Lines)
		})
		require.Less(t, used, uint64(length*20), name)
	}
}

// A healthy line costs no allocation.
func TestHealthyLinesCostNoAllocation(t *testing.T) {
	text := bytes.Repeat([]byte(`{"kind":"event","timestamp":1}`+"\n"), 20000)
	file := stream.FromReaderAt("log", bytes.NewReader(text), int64(len(text)))
	n := testing.AllocsPerRun(3, func() {
		_, err := stream.Forward(context.Background(), file, stream.Options{Workers: 2}, &first{then: func() {}})
		require.NoError(t, err)
	})
	require.Less(t, n, 300.0)
}

// failing is a visitor that fails at its first block.
type failing struct{ err error }

func (failing) NewPart() stream.Part                    { return nothing{} }
func (f failing) Fold(*stream.Block, stream.Part) error { return f.err }

type nothing struct{}

func (nothing) Reset()            {}
func (nothing) Line(*stream.Line) {}

// A visitor whose connection was closed has failed; the log has not ended.
func TestAVisitorsEOFIsAFailure(t *testing.T) {
	lost := fmt.Errorf("send: %w", io.EOF)
	for _, workers := range []int{1, 2} {
		log := stream.FromReaderAt("log", strings.NewReader("{}\n{}\n"), 6)
		_, err := stream.Forward(context.Background(), log, stream.Options{Workers: workers}, failing{lost})
		require.ErrorIs(t, err, lost)
	}
}
