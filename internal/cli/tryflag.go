package cli

import (
	"reflect"

	"github.com/alecthomas/kong"
)

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
