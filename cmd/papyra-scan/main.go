// Command papyra-scan is one step of the toolkit: see papyra-scan --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/scan"
)

func main() { os.Exit(scan.Step.Main()) }
