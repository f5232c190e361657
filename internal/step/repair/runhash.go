package repair

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// longRun is the longest run of NUL bytes that is hashed as it stands.
const longRun = 4096

// runHash is the SHA-256 of a text in which a run of more than longRun NUL
// bytes stands as the word "\x00run" and its length, eight bytes, the highest
// first: a hole of many gigabytes is hashed at once. It does not depend on the
// pieces in which the text comes. A log with such a run hashes like one in
// which that word stands in its place; but to find that out is to look at its
// length, which a ledger tells too.
type runHash struct {
	h     hash.Hash
	zeros int64 // at the end of what was written
}

func newRunHash() *runHash { return &runHash{h: sha256.New()} }

// NewPart makes a runHash a visitor, which hashes each block as it is.
func (r *runHash) NewPart() stream.Part { return noPart{} }

// Fold never fails.
func (r *runHash) Fold(b *stream.Block, _ stream.Part) error {
	return b.Raw(0, len(b.Data), func(text []byte, zeros int64) error {
		r.zeros += zeros
		_, err := r.Write(text)
		return err
	})
}

// noPart is the part of a visitor that has no use for lines.
type noPart struct{}

func (noPart) Reset()            {}
func (noPart) Line(*stream.Line) {}

// Write never fails.
func (r *runHash) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		text := bytes.TrimLeft(p, "\x00")
		r.zeros += int64(len(p) - len(text))
		if len(text) == 0 {
			break
		}
		r.flush()
		end := bytes.IndexByte(text, 0)
		if end < 0 {
			end = len(text)
		}
		r.h.Write(text[:end])
		p = text[end:]
	}
	return n, nil
}

func (r *runHash) flush() {
	if r.zeros > longRun {
		r.h.Write(binary.BigEndian.AppendUint64([]byte("\x00run"), uint64(r.zeros)))
	} else {
		_ = durable.WriteZeros(r.h, r.zeros) // a hash never fails
	}
	r.zeros = 0
}

// hex ends the text and returns its hash.
func (r *runHash) hex() string {
	r.flush()
	return hex.EncodeToString(r.h.Sum(nil))
}
