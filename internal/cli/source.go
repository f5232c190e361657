package cli

import (
	"reflect"

	"github.com/alecthomas/kong"
)

// Setting returns the configured value of one of the keys of papyra.json, from
// the environment or the file, and where it came from. Flags are not looked at.
func (e *Env) Setting(key string) (value, source string, ok bool) {
	set, ok := e.settings.lookup(e, key)
	return set.text, set.source, ok
}

// TrySetting is Setting, and fails if the value is none of the flag.
func (e *Env) TrySetting(key string, flag *kong.Flag) (value, source string, ok bool, err error) {
	set, ok := e.settings.lookup(e, key)
	if ok {
		if err = tryFlag(flag, set.text); err != nil {
			err = Usagef("%w", set.mistake(e.settings.file, key, err))
		}
	}
	return set.text, set.source, ok, err
}

// SettingsFile returns the name of the settings file, "" if there is none.
func (e *Env) SettingsFile() string { return e.settings.file }

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

// tryFlag reads a value into a copy, so that a mistake can be blamed on where
// the value came from.
func tryFlag(flag *kong.Flag, value string) error {
	trial := reflect.New(flag.Target.Type()).Elem()
	if trial.Kind() == reflect.Pointer {
		trial.Set(reflect.New(trial.Type().Elem()))
	}
	scan := kong.ScanAsType(kong.FlagValueToken, value)
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, trial)
}
