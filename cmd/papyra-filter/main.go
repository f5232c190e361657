// Command papyra-filter is one step of the toolkit: see papyra-filter --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/filter"
)

func main() { os.Exit(filter.Step.Main()) }
