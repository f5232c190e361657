// Command papyra runs every step as a subcommand: papyra persistence scan,
// papyra doctor run, papyra inspect events.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/dispatch"
)

func main() { os.Exit(dispatch.Step.Main()) }
