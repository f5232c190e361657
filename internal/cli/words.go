package cli

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// mappers are how flag values are read.
func mappers() []kong.Option {
	return []kong.Option{
		kong.KindMapper(reflect.String, kong.MapperFunc(decodeWord)),
		kong.TypeMapper(reflect.TypeFor[*Count](), liftable{}),
		kong.TypeMapper(reflect.TypeFor[*Duration](), liftable{}),
		kong.TypeMapper(reflect.TypeFor[*Size](), liftable{}),
	}
}

// decodeWord reads a string; where the flag has an enum, the case does not matter and a wrong word gets a suggestion.
func decodeWord(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("string", &text); err != nil {
		return err
	}
	if ctx.Value.Enum != "" {
		word, err := Word(text, ctx.Value.EnumSlice())
		if err != nil {
			return err
		}
		text = word
	}
	target.SetString(text)
	return nil
}

// Word finds text among words without regard to case and returns it as it is spelled there. Otherwise the error names the
// words and the likeliest one.
func Word(text string, words []string) (string, error) {
	for _, w := range words {
		if strings.EqualFold(text, w) {
			return w, nil
		}
	}
	var shown []string
	for _, w := range words {
		if w != "" {
			shown = append(shown, w)
		}
	}
	return "", fmt.Errorf("unknown %q, want %s%s", text, orList(shown), DidYouMean(text, shown))
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// liftable reads a limit, or "none", which lifts a configured one: the pointer is nil then.
type liftable struct{}

func (liftable) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("value", &text); err != nil {
		return err
	}
	if strings.EqualFold(text, "none") {
		target.SetZero()
		return nil
	}
	limit := reflect.New(target.Type().Elem())
	if err := limit.Interface().(interface{ UnmarshalText([]byte) error }).UnmarshalText([]byte(text)); err != nil {
		return err
	}
	target.Set(limit)
	return nil
}
