// Command papyra-repair is one step of the toolkit: see papyra-repair --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/repair"
)

func main() { os.Exit(repair.Step.Main()) }
