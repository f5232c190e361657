package inspect

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// BenchmarkPass measures one pass over a log in memory on one core, with the
// statistics and without: the difference is what inspect costs more than scan.
// PAPYRA_BENCH_LOG names a log to take instead of a small one made up here.
func BenchmarkPass(b *testing.B) {
	log := bigLog(50000)
	if name := os.Getenv("PAPYRA_BENCH_LOG"); name != "" {
		var err error
		log, err = os.ReadFile(name)
		require.NoError(b, err)
	}
	for name, with := range map[string]bool{"survey": false, "inspect": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				o := survey.Options{Workers: 1, Checker: withMembers()}
				if with {
					o = newCollector(policy.Policy{}.At(testNow), record.Papyra()).options(o)
				}
				src, err := stream.FromReader("-", bytes.NewReader(log))
				require.NoError(b, err)
				_, err = survey.Log(b.Context(), src, o)
				require.NoError(b, err)
			}
		})
	}
}
