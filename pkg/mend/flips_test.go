package mend

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// A flipped bit damages its own line only: every other line is kept as it was,
// and the flip is either found or leaves a valid record.
func TestBitFlips(t *testing.T) {
	flips := testtool.Amount(10_000, 30_000, 20_000_000)
	var log bytes.Buffer
	_, err := gen.Generate(&log, gen.Options{Seed: 11, Lines: 4}, nil)
	require.NoError(t, err)
	text := log.Bytes()
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	rng := rand.New(rand.NewPCG(5, 6))
	o := &Options{Checker: record.NewChecker(record.Options{})}
	var found, valid int
	for range flips {
		at, bit := rng.IntN(len(text)), byte(1)<<rng.IntN(8)
		text[at] ^= bit
		ok, err := flipIsContained(o, text, lines, at)
		if ok {
			valid++
		} else {
			found++
		}
		require.NoError(t, err, "bit %#x of byte %d", bit, at)
		text[at] ^= bit
	}
	t.Logf("%d flips: %d found, %d left a valid record", flips, found, valid)
	require.Greater(t, found, flips/4)
}

// catcher is a visitor of one block, and its part.
type catcher struct{ plan }

func (c *catcher) NewPart() stream.Part                  { return c }
func (c *catcher) Fold(*stream.Block, stream.Part) error { return nil }

// flipIsContained looks at a log of which the byte at was changed. It reports
// whether all lines are still valid.
func flipIsContained(o *Options, text []byte, lines [][]byte, at int) (valid bool, err error) {
	start, hit := 0, 0
	for at >= start+len(lines[hit]) {
		start += len(lines[hit])
		hit++
	}
	end := start + len(lines[hit])
	wasNewline := at == end-1
	if wasNewline && hit+1 < len(lines) {
		end += len(lines[hit+1]) // the flip joined two lines
	}
	p := catcher{plan{o: o}}
	log := stream.FromReaderAt("log", bytes.NewReader(text), int64(len(text)))
	if _, err := stream.Forward(context.Background(), log, stream.Options{BlockBytes: len(text) + 1, Workers: 1}, &p); err != nil {
		return false, err
	}
	valid = len(p.edits) == 0
	for _, e := range p.edits {
		if int(e.start) < start || int(e.end) > end {
			return false, fmt.Errorf("bytes %d to %d are touched, but the line is %d to %d", e.start, e.end, start, end)
		}
	}
	if wasNewline && valid {
		return false, fmt.Errorf("two lines became one and nobody noticed")
	}
	return valid, nil
}
