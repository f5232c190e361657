package durable

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A journal ends before the first record that is not whole, or tells of what
// cannot be, whatever comes behind it.
func TestJournalEnds(t *testing.T) {
	good, room := []byte(`{"base":{"ready":true}}`), []byte(`{"room":{"bytes":9}}`)
	sound := soundJournal(good)
	with := func(at int, text string) []byte {
		return append(sound[:len(sound):len(sound)], replaced(soundJournal(room), at, text)...)
	}
	for what, text := range map[string][]byte{
		"another magic":       with(0, journalFamily+"1"),
		"another sum":         with(12, "sum!"),
		"another payload":     with(journalHead, "["),
		"not JSON":            append(sound[:len(sound):len(sound)], soundJournal([]byte("{"))...),
		"another shape":       append(sound[:len(sound):len(sound)], soundJournal([]byte(`{"room":{"bytes":9},"place":5}`))...),
		"too long":            append(sound[:len(sound):len(sound)], soundJournal(append(room, strings.Repeat(" ", maxPayload)...))...),
		"nothing in it":       append(sound[:len(sound):len(sound)], soundJournal([]byte("{}"))...),
		"before the file":     append(sound[:len(sound):len(sound)], soundJournal([]byte(`{"place":{"src":-1,"end":9,"at":5}}`))...),
		"ends before it does": append(sound[:len(sound):len(sound)], soundJournal([]byte(`{"place":{"src":9,"end":8,"at":5}}`))...),
		"a newline before it": append(sound[:len(sound):len(sound)], soundJournal([]byte(`{"place":{"src":0,"end":9,"at":0,"nl":true}}`))...),
	} {
		told, err := readJournal(bytes.NewReader(append(text, soundJournal(room)...)))
		require.NoError(t, err, what)
		require.Equal(t, &story{base: base{Ready: true}, end: int64(len(sound)), valid: true}, told, what)
	}
	told, err := readJournal(bytes.NewReader(append(sound, soundJournal(room)...)))
	require.NoError(t, err)
	require.EqualValues(t, 9, told.room.Bytes)

	_, err = readJournal(bytes.NewReader(replaced(soundJournal(good), 0, journalFamily+"1")))
	require.ErrorContains(t, err, "another version")
	_, err = readJournal(again{sound, maxRecords + 2})
	require.ErrorContains(t, err, "more records")
}

func replaced(text []byte, at int, by string) []byte {
	copy(text[at:], by)
	return text
}

// again is a file that has one text so many times.
type again struct {
	text  []byte
	times int64
}

func (a again) ReadAt(p []byte, off int64) (n int, err error) {
	for ; n < len(p); n++ {
		at := off + int64(n)
		if at >= a.times*int64(len(a.text)) {
			return n, io.EOF
		}
		p[n] = a.text[at%int64(len(a.text))]
	}
	return n, nil
}

// failing is a file that takes what is written, and cannot be fsynced once.
type failing struct {
	File
	written int
	failed  bool
}

func (f *failing) WriteAt(p []byte, _ int64) (int, error) {
	f.written += len(p)
	return len(p), nil
}

func (f *failing) Sync() error {
	if !f.failed {
		f.failed = true
		return io.ErrShortWrite
	}
	return nil
}

// A record that a reader would not take is not written, and none after an fsync
// that failed, although the next one says that all is well.
func TestJournalTakesNoMore(t *testing.T) {
	f := &failing{}
	j := &journal{f: f}
	require.ErrorContains(t, j.add(entry{Base: &base{Quarantine: make([]byte, maxPayload)}}), "too long")
	require.Zero(t, f.written)
	require.ErrorIs(t, j.add(entry{Room: &room{}}), io.ErrShortWrite)
	was := f.written
	require.ErrorIs(t, j.add(entry{Room: &room{}}), io.ErrShortWrite)
	require.Equal(t, was, f.written)
}
