package cli

import "github.com/papyra-tools/papyra/pkg/stream"

// Caching says what becomes of the page cache. Embed it in what reads whole
// logs.
type Caching struct {
	Cache string `enum:"keep,drop" default:"keep" setting:"cache" placeholder:"WHAT" help:"Leave what was read of a log in the system's page cache (keep), or take it out again (drop), lest a large log push out what others use; drop has an effect on Linux only." group:"input"`
}

// AfterApply has all walks of the run drop what they read. kong calls it.
func (c *Caching) AfterApply(env *Env) error {
	if c.Cache == "drop" {
		env.Ctx = stream.WithoutCache(env.Ctx)
	}
	return nil
}
