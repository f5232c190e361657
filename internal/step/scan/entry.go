package scan

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/survey"
)

// Logs looks at one log, or at each file of a rotated set, as Run does, and shows nothing. The last result speaks for what stands
// beside the log too. A log on which no verdict was possible has a result with a failure.
func (c *Command) Logs(env *cli.Env, in cli.Input) []*survey.Result { return c.scan(env, in) }
