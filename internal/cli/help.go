package cli

import (
	"strings"

	"github.com/alecthomas/kong"
)

// helpGroups are the sections of --help, in the order in which they are shown.
var helpGroups = []kong.Group{
	{Key: "input", Title: "Input:"},
	{Key: "selection", Title: "Selection:"},
	{Key: "retention", Title: "Retention:"},
	{Key: "checking", Title: "Checking:"},
	{Key: "action", Title: "What to do:"},
	{Key: "rewriting", Title: "Rewriting a live log:"},
	{Key: "output", Title: "Output:"},
}

// helpValue is the help of one flag, with the environment variable that sets it.
func helpValue(value *kong.Value) string {
	help := value.Help
	if value.Tag == nil {
		return help
	}
	if key := value.Tag.Get("setting"); key != "" {
		if help != "" && !strings.HasSuffix(help, ".") {
			help += "."
		}
		help += " [$" + envName(key) + "]"
	}
	return help
}
