// Command papyra-inspect is one step of the toolkit: see papyra-inspect --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/inspect"
)

func main() { os.Exit(inspect.Step.Main()) }
