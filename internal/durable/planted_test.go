package durable_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// A harness that cannot fail proves nothing: each of these mistakes must be
// found in at least one crash state or schedule.
func TestPlantedBugsAreCaught(t *testing.T) {
	for name, plant := range durable.Bugs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, sc := range scenarios() {
				if e, _ := explore(sc, 1, plant); len(e.errs) > 0 {
					t.Logf("caught by %q after %d states: %.300s", sc.name, e.visited, e.errs[0])
					return
				}
			}
			require.Fail(t, "nothing noticed it")
		})
	}
}
