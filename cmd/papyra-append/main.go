// Command papyra-append is one step of the toolkit: see papyra-append --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/appender"
)

func main() { os.Exit(cli.Main("papyra-append", appender.Description, &appender.Command{})) }
