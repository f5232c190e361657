package survey_test

import (
	"context"
	"os"
	"testing"

	"github.com/papyra-tools/papyra/pkg/survey"
)

func BenchmarkFile(b *testing.B) {
	path := os.Getenv("LOG")
	for range b.N {
		r, err := survey.File(context.Background(), path, survey.Options{MaxSkew: 5e9})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(r.Bytes)
		b.ReportMetric(float64(r.Total()), "anomalies")
	}
}
