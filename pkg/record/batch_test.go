package record_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// TestBatchAgreesWithCheck puts all kinds of lines behind each other. What it
// says of members, another way to find them says too.
func TestBatchAgreesWithCheck(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c := record.NewChecker(record.Options{MaxLineBytes: 200, Members: []string{"actor_address", "target", "payload"}})
	members := pick.New("actor_address", "target", "payload")
	var b record.Batch
	for range 2000 {
		var text []byte
		for range random.IntN(20) {
			line := `{"kind": "event", "timestamp": 1710000000.5, "payload": {"a": [1, true, "x"]}}`
			switch random.IntN(4) {
			case 0:
				line = withMembers[random.IntN(len(withMembers))]
			case 1, 2:
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
			var r record.Result
			line, newline := b.Next(pos, &r)
			require.Equal(t, string(want), string(line))
			require.Equal(t, terminated, newline)
			if !newline {
				pos |= record.Unterminated
			}
			require.Equal(t, c.Check(line, pos), r, "%q", line)
			if r.IsRecord() {
				var raw [record.MaxMembers][]byte
				members.Pick(line[r.Start:], raw[:])
				for i, want := range raw {
					got := r.Member(line, i)
					if len(want) > 0 && (want[0] == '{' || want[0] == '[') {
						got, want = got[:1], want[:1]
					}
					require.Equal(t, string(want), string(got), "%q", line)
				}
			}
			at += len(line) + 1
			pos = 0
		}
	}
}

// withMembers are lines whose members lie in many places, and what looks like
// them.
var withMembers = []string{
	`{"kind": "event", "actor_address": "local://1", "target": 7, "timestamp": 1}`,
	`{"target": "a\"b\\", "kind": "event", "timestamp": 1, "actor_address": "x,y}"}`,
	`{"kind": "event", "payload": {"target": "inner"}, "timestamp": 1}`,
	`{"kind": "event", "target": "first", "target": "last", "timestamp": 1}`,
	`{"kind": "event", "t\u0061rget": "escaped", "timestamp": 1}`,
	`{"kind": "event", "my_actor_address": "no", "xtarget": 1, "timestamp": 1}`,
	`{"kind":"dead_letter","target":null,"payload":"a","timestamp":1}`,
	`{"actor_address": NaN, "target": "\ud800", "payload": -1.5e3 , "timestamp": 1}`,
	`{"kind": "event", "actor_address": "", "payload": [], "target": true}`,
}
