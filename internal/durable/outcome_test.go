package durable_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

func TestOutcomeTellsWhatMatters(t *testing.T) {
	tell := func(o durable.Outcome) string {
		var b strings.Builder
		o.Tell(&b)
		return b.String()
	}
	require.Empty(t, tell(durable.Outcome{}))
	require.Equal(t, "guarantee: offline\n", tell(durable.Outcome{Guarantee: durable.Offline}))
	require.Equal(t, `an interrupted rewrite was set aside; 7 bytes that others had appended were brought over; left: a, b\x1b
guarantee: raced
longest wait of a writer: at most 1.23ms
appended late: 120 bytes, which may stand behind younger records
mount tables of processes that could not be read: 3
`, tell(durable.Outcome{Guarantee: durable.Raced, Held: 1_234_567 * time.Nanosecond, Late: 120, Unseen: 3,
		Recovered: []durable.Recovery{{Action: "set aside", Carried: 7, Left: []string{"a", "b\x1b"}}}}))
}
