package appender

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
)

// memory is a log that never fails and knows what was fsynced.
type memory struct {
	data   []byte
	safe   int
	syncs  int
	writes int
}

func (m *memory) Append(p []byte) (int64, error) {
	off := len(m.data)
	m.data = append(m.data, p...)
	m.writes++
	return int64(off), nil
}

func (m *memory) Sync() error {
	m.safe = len(m.data)
	m.syncs++
	return nil
}

func mode(text string) (m SyncMode) {
	if err := m.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return m
}

// testEngine is an engine over l that collects what it says.
func testEngine(t require.TestingT, l appendLog, sync string) (*engine, *heard) {
	j, err := newJudge(record.NewChecker(record.Options{MaxLineBytes: 200}), "", nil)
	require.NoError(t, err)
	h := &heard{}
	return &engine{judge: j, frames: newFramer(200), sync: mode(sync),
		open:   func() (appendLog, error) { return l, nil },
		refuse: func(line int64, why refusal) { h.refused = append(h.refused, line) },
		ack:    func(a ack) error { h.acks = append(h.acks, a); return nil },
		reject: func(p []byte, last bool) error { h.rejected.Write(p); return nil },
	}, h
}

type heard struct {
	refused  []int64
	acks     []ack
	rejected bytes.Buffer
}

func (h *heard) records() (n int64) {
	for _, a := range h.acks {
		n += a.Records
	}
	return n
}

// good is a healthy line with that number.
func good(i int) string { return fmt.Sprintf(`{"kind":"event","timestamp":%d}`+"\n", i) }

// pieces gives a text in chunks of the given sizes, over and over.
type pieces struct {
	rest  []byte
	sizes []int
	n     int
}

func (r *pieces) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	size := min(len(r.rest), r.sizes[r.n%len(r.sizes)])
	n := copy(p, r.rest[:size])
	r.rest = r.rest[n:]
	r.n++
	return n, nil
}

// Whatever comes in whatever pieces: the log holds the good lines, in order, up
// to the first bad one if that stops the run; every one of them is
// acknowledged; the refused ones are where they were asked to be.
func TestEngineAppendsGoodLines(t *testing.T) {
	bad := []string{"\n", "x\n", good(1)[:20] + "\n", strings.Repeat("x", 201) + "\n", strings.Repeat(" ", 1000) + "\n", "{}\n"}
	rapid.Check(t, func(t *rapid.T) {
		var l memory
		e, h := testEngine(t, &l, rapid.SampledFrom([]string{"batch", "always", "interval=1h", "interval=1ns"}).Draw(t, "sync"))
		e.skip = rapid.Bool().Draw(t, "skip")
		var input, want, rejects strings.Builder
		var refused []int64
		n := rapid.IntRange(0, 30).Draw(t, "lines")
		records := int64(0)
		for i := range n {
			line := good(i)
			if rapid.IntRange(0, 9).Draw(t, "what") == 0 {
				line = rapid.SampledFrom(bad).Draw(t, "bad")
				if e.skip || len(refused) == 0 {
					refused = append(refused, int64(i+1))
					rejects.WriteString(line)
				}
			} else if e.skip || len(refused) == 0 {
				want.WriteString(line)
				records++
			}
			input.WriteString(line)
		}
		err := e.run(context.Background(), &pieces{rest: []byte(input.String()),
			sizes: rapid.SliceOfN(rapid.IntRange(1, 400), 1, 5).Draw(t, "sizes")})
		if e.skip || len(refused) == 0 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, errRefused)
		}
		require.Equal(t, want.String(), string(l.data))
		require.Equal(t, len(l.data), l.safe)
		require.Equal(t, refused, h.refused)
		require.Equal(t, rejects.String(), h.rejected.String())
		require.Equal(t, count{records, int64(len(l.data))}, e.tally.Acknowledged)
		at := int64(0)
		for _, a := range h.acks {
			require.Equal(t, at, a.Offset)
			require.Equal(t, a.Records, newlines(l.data[at:at+a.Bytes]))
			at += a.Bytes
		}
		require.Equal(t, at, int64(len(l.data)))
		if e.sync.word == "always" {
			require.EqualValues(t, records, l.syncs)
		}
	})
}

// What waits while one batch is made durable is the next batch.
func TestEngineCommitsInGroups(t *testing.T) {
	l := &slowLog{in: make(chan struct{}), out: make(chan struct{})}
	e, h := testEngine(t, l, "batch")
	r, w := io.Pipe()
	done := make(chan error)
	go func() { done <- e.run(context.Background(), r) }()
	_, _ = io.WriteString(w, good(0))
	<-l.in // the first fsync is under way
	for i := 1; i <= 1000; i++ {
		_, _ = io.WriteString(w, good(i))
	}
	l.out <- struct{}{}
	w.Close()
	go func() {
		for range l.in {
			l.out <- struct{}{}
		}
	}()
	require.NoError(t, <-done)
	require.EqualValues(t, 1001, h.records())
	require.LessOrEqual(t, l.syncs, 3, "the last chunk may come after the second batch was taken")
}

type slowLog struct {
	memory
	in, out chan struct{}
}

func (l *slowLog) Sync() error {
	l.in <- struct{}{}
	<-l.out
	return l.memory.Sync()
}

// With an interval, a record is made durable in time even if nothing follows
// it.
func TestEngineSyncsWhenIdle(t *testing.T) {
	var l memory
	e, h := testEngine(t, &l, "interval=1ms")
	acked := make(chan struct{})
	e.ack = func(a ack) error {
		h.acks = append(h.acks, a)
		close(acked)
		return nil
	}
	r, w := io.Pipe()
	done := make(chan error)
	go func() { done <- e.run(context.Background(), r) }()
	_, err := io.WriteString(w, good(1))
	require.NoError(t, err)
	<-acked
	w.Close()
	require.NoError(t, <-done)
	require.EqualValues(t, 1, h.records())
}

func TestEngineNeverSyncs(t *testing.T) {
	var l memory
	e, h := testEngine(t, &l, "never")
	require.NoError(t, e.run(context.Background(), strings.NewReader(good(1)+good(2))))
	require.Zero(t, l.syncs)
	require.Empty(t, h.acks)
	require.Zero(t, e.tally.Acknowledged)
	require.Equal(t, count{2, int64(len(l.data))}, e.tally.Unsynced)
}

func TestEngineLastLineWithoutNewline(t *testing.T) {
	var l memory
	e, _ := testEngine(t, &l, "batch")
	require.NoError(t, e.run(context.Background(), strings.NewReader(good(1)+strings.TrimSuffix(good(2), "\n"))))
	require.Equal(t, good(1)+good(2), string(l.data))

	l = memory{}
	e, h := testEngine(t, &l, "batch")
	require.ErrorIs(t, e.run(context.Background(), strings.NewReader(good(1)+good(2)[:10])), errRefused)
	require.Equal(t, good(1), string(l.data))
	require.Equal(t, []int64{2}, h.refused)
}

// An input that breaks off is an error; what came whole is safe, and a line
// that only looks whole is not taken.
func TestEngineInputFails(t *testing.T) {
	var l memory
	e, h := testEngine(t, &l, "interval=1h")
	broken := errors.New("broken")
	input := io.MultiReader(strings.NewReader(good(1)+strings.TrimSuffix(good(2), "\n")), iotest.ErrReader(broken))
	require.ErrorIs(t, e.run(context.Background(), input), broken)
	require.Equal(t, good(1), string(l.data))
	require.EqualValues(t, 1, h.records())
	require.Equal(t, len(good(2))-1, e.tally.Unfinished)
}

// Asked to stop, it finishes what came and says what is safe.
func TestEngineStops(t *testing.T) {
	var l memory
	e, h := testEngine(t, &l, "interval=1h")
	ctx, stop := context.WithCancelCause(context.Background())
	r, w := io.Pipe()
	defer w.Close()
	done := make(chan error)
	go func() { done <- e.run(ctx, r) }()
	_, err := io.WriteString(w, good(1)+good(2)+"{")
	require.NoError(t, err)
	asked := errors.New("asked")
	stop(asked)
	require.ErrorIs(t, <-done, asked)
	require.EqualValues(t, newlines(l.data), h.records())
	require.Equal(t, count{h.records(), int64(l.safe)}, e.tally.Acknowledged)
}

// What can't be acknowledged ends the run: nobody hears what follows.
func TestEngineAckFails(t *testing.T) {
	var l memory
	e, _ := testEngine(t, &l, "always")
	full := errors.New("full")
	e.ack = func(ack) error { return full }
	require.ErrorIs(t, e.run(context.Background(), strings.NewReader(good(1)+good(2))), full)
	require.Equal(t, good(1), string(l.data))
	require.EqualValues(t, 1, e.tally.Acknowledged.Records)
}

// Rejects that can't be kept end the run too.
func TestEngineRejectFails(t *testing.T) {
	var l memory
	e, _ := testEngine(t, &l, "batch")
	full := errors.New("full")
	e.skip = true
	e.reject = func([]byte, bool) error { return full }
	require.ErrorIs(t, e.run(context.Background(), strings.NewReader(good(1)+"x\n"+good(2))), full)
	require.Equal(t, good(1), string(l.data))
	require.EqualValues(t, 1, e.tally.Acknowledged.Records)
}

func TestIntakeHoldsUpAFastProducer(t *testing.T) {
	in := newIntake(zeros{})
	defer in.close()
	for range 20 {
		<-in.more
		got, err := in.take(nil)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got), intakeBytes)
	}
}

func TestIntakeEndsWithoutProgress(t *testing.T) {
	in := newIntake(stuck{})
	for {
		<-in.more
		if _, err := in.take(nil); err != nil {
			require.ErrorIs(t, err, io.ErrNoProgress)
			return
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
