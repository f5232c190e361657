// Command papyra-compact is one step of the toolkit: see papyra-compact --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/compact"
)

func main() { os.Exit(compact.Step.Main()) }
