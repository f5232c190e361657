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
// or the path of the settings file; "default" if it was not set.
func (e *Env) Source(key string) string {
	if flag := e.given[key]; flag != "" {
		return flag
	}
	if _, source, ok := e.Setting(key); ok {
		return source
	}
	return "default"
}

// Understood is what was understood of the limits, and where each came from:
// what decides about what is deleted is never left to be guessed.
//
//	max_age=30d (2592000 seconds) (PAPYRA_MAX_AGE) max_records=5 (--max-records)
func (r *Retention) Understood(e *Env) string {
	text := ""
	add := func(key, value string) {
		if text != "" {
			text += " "
		}
		text += key + "=" + value + " (" + e.Source(key) + ")"
	}
	if r.MaxAge != nil {
		add("max_age", r.MaxAge.Understood())
	}
	if r.MaxRecords != nil {
		add("max_records", r.MaxRecords.String())
	}
	if r.MaxTotalBytes != nil {
		add("max_total_bytes", r.MaxTotalBytes.Understood())
	}
	if r.MaxAge != nil && r.Undated == "drop" {
		add("undated", r.Undated)
	}
	return text
}
