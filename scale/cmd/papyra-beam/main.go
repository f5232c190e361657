// Command papyra-beam runs the steps on many machines, as Apache Beam pipelines:
// see papyra-beam --help.
package main

import (
	"log/slog"
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/papyra-tools/papyra/scale/internal/pipeline"
)

func main() {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	beam.Init() // a worker of a runner stays in here
	os.Exit(pipeline.Step.Main())
}
