// Command papyra-append is one step of the toolkit: see papyra-append --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/step/appender"
)

func main() { os.Exit(appender.Step.Main()) }
