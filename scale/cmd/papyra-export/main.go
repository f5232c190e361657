// Command papyra-export brings logs into Redis Streams and Parquet files: see
// papyra-export --help.
package main

import (
	"os"

	"github.com/redis/go-redis/v9/logging"

	"github.com/papyra-tools/papyra/scale/internal/export"
)

func main() {
	logging.Disable() // the errors say it all
	os.Exit(export.Step.Main())
}
