package cli

import "github.com/alecthomas/kong"

// givenSettings are the flags on the command line that settings have too, by
// the key of the setting.
func givenSettings(ctx *kong.Context) map[string]string {
	given := map[string]string{}
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Tag.Get("setting") != "" && !p.Resolved {
			given[p.Flag.Tag.Get("setting")] = "--" + p.Flag.Name
		}
	}
	return given
}

// Source says where the value of a setting came from: --max-age, PAPYRA_MAX_AGE
// or FILE:LINE of the settings; "default" if it was not set.
func (e *Env) Source(key string) string {
	if flag := e.given[key]; flag != "" {
		return flag
	}
	if _, source, ok := e.Setting(key); ok {
		return source
	}
	return "default"
}
