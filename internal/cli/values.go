package cli

import (
	"encoding"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// rawValues has every text that is given as the value of a flag or an argument
// taken byte for byte. kong's own mappers pass values through JSON, which turns
// each byte that is not UTF-8 into U+FFFD: another file would be named.
func rawValues(k *kong.Kong) error {
	return kong.Visit(k.Model.Node, func(v kong.Visitable, next kong.Next) error {
		switch v := v.(type) {
		case *kong.Flag:
			v.Mapper = rawMapper(v.Mapper, v.Target.Type())
		case *kong.Node:
			for _, p := range v.Positional {
				p.Mapper = rawMapper(p.Mapper, p.Target.Type())
			}
		}
		return next(nil)
	})
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// rawMapper is what reads a text, or a list of texts, into t; own if t is
// neither.
func rawMapper(own kong.Mapper, t reflect.Type) kong.Mapper {
	switch {
	case isText(t):
		return kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
			token, err := ctx.Scan.PopValue("text")
			if err != nil {
				return err
			}
			return setText(ctx.Value, token.String(), target)
		})
	case t.Kind() == reflect.Slice && isText(t.Elem()):
		return kong.MapperFunc(decodeList)
	}
	return own
}

func isText(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		return t.Implements(textType)
	}
	return t.Kind() == reflect.String || reflect.PointerTo(t).Implements(textType)
}

// setText reads one text. A pointer is a limit, which "none" lifts: it is nil
// then. Where the flag has an enum, the case does not matter and a wrong word
// gets a suggestion.
func setText(value *kong.Value, text string, target reflect.Value) (err error) {
	if target.Kind() == reflect.Pointer {
		if strings.EqualFold(text, "none") {
			target.SetZero()
			return nil
		}
		limit := reflect.New(target.Type().Elem())
		defer func() {
			if err == nil {
				target.Set(limit)
			}
		}()
		return limit.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	}
	if u, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	if value.Enum != "" {
		if text, err = Word(text, value.EnumSlice()); err != nil {
			return err
		}
	}
	target.SetString(text)
	return nil
}

// decodeList adds to a list: the parts of a flag's value, or all arguments that
// are left.
func decodeList(ctx *kong.DecodeContext, target reflect.Value) error {
	var texts []string
	if ctx.Value.Flag != nil {
		token, err := ctx.Scan.PopValue("text")
		if err != nil {
			return err
		}
		texts = splitList(token.String(), ctx.Value.Tag.Sep)
	} else {
		for _, token := range ctx.Scan.PopWhile(kong.Token.IsValue) {
			texts = append(texts, token.String())
		}
	}
	for _, text := range texts {
		item := reflect.New(target.Type().Elem()).Elem()
		if err := setText(ctx.Value, text, item); err != nil {
			return err
		}
		target.Set(reflect.Append(target, item))
	}
	return nil
}

// splitList cuts a text at each separator that has no backslash before it. -1
// is no separator.
func splitList(text string, sep rune) []string {
	if sep == -1 {
		return []string{text}
	}
	var out []string
	var part []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && rune(text[i+1]) == sep:
			i++
			part = append(part, text[i])
		case rune(text[i]) == sep:
			out, part = append(out, string(part)), nil
		default:
			part = append(part, text[i])
		}
	}
	if len(part) > 0 {
		out = append(out, string(part))
	}
	return out
}
