// Command papyra-filter is one step of the toolkit: see papyra-filter --help.
package main

import (
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
)

func main() { os.Exit(cli.Main("papyra-filter", filter.Description, &filter.Command{})) }
