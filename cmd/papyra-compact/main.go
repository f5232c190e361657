// Command papyra-compact is one step of the toolkit: see papyra-compact --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/compact"
)

func main() { os.Exit(cli.Main("papyra-compact", compact.Description, &compact.Command{})) }
