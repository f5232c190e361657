package record_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
)

// TestBatchAgreesWithCheck puts all kinds of lines behind each other.
func TestBatchAgreesWithCheck(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c := record.NewChecker(record.Options{MaxLineBytes: 200})
	var b record.Batch
	for range 2000 {
		var text []byte
		for range random.IntN(20) {
			line := `{"kind": "event", "timestamp": 1710000000.5, "payload": {"a": [1, true, "x"]}}`
			if random.IntN(2) == 0 {
				line = checkSeeds[random.IntN(len(checkSeeds))]
			}
			if random.IntN(10) == 0 {
				line += "\r"
			}
			text = append(append(text, line...), '\n')
		}
		text = text[:max(0, len(text)-random.IntN(2))]
		b.Reset(c, text)
		pos := record.First
		for at := 0; at < len(text); {
			want, _, terminated := bytes.Cut(text[at:], []byte("\n"))
			line, newline, r := b.Next(pos)
			require.Equal(t, string(want), string(line))
			require.Equal(t, terminated, newline)
			if !newline {
				pos |= record.Unterminated
			}
			require.Equal(t, c.Check(line, pos), r, "%q", line)
			at += len(line) + 1
			pos = 0
		}
	}
}
