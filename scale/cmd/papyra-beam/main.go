// Command papyra-beam runs the steps on many machines, as Apache Beam pipelines:
// see papyra-beam --help.
package main

import (
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"github.com/papyra-tools/papyra/scale/internal/pipeline"
)

func main() {
	log.LogLevel = "warn"
	beam.Init() // a worker of a runner stays in here
	os.Exit(pipeline.Step.Main())
}
