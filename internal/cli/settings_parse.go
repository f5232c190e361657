package cli

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"encoding/json"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/jsonfile"
)

// SettingsSchema is the JSON Schema of the settings file. It is generated from
// the flags of all steps, and a file is read by it: a step knows no flags but
// its own, and a key of another one is no mistake.
//
//go:generate go run ../../packaging/gen -schema settings.schema.json
//go:embed settings.schema.json
var SettingsSchema []byte

// Schema is what of a JSON Schema is used to read settings. The types of all
// values are lists.
type Schema struct {
	Type       []string           `json:"type"`
	Properties map[string]*Schema `json:"properties"`
	Items      *Schema            `json:"items"`
	Additional *Schema            `json:"additionalProperties"`
}

var settingsSchema = sync.OnceValue(func() map[string]*Schema { return ParseSchema(SettingsSchema) })

// ParseSchema returns the keys of a file by its generated schema.
func ParseSchema(text []byte) map[string]*Schema {
	var s struct {
		Properties map[string]*Schema `json:"properties"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		panic(err)
	}
	return s.Properties
}

// SettingKeys returns all keys of papyra.json, sorted.
func SettingKeys() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(settingsSchema())), func(key string) bool { return key == "$schema" || key == "persistence" })
}

// SettingFlags returns a flag for each key of papyra.json: the first of the
// steps that has one.
func SettingFlags(steps []Step) (map[string]*kong.Flag, error) {
	flags := map[string]*kong.Flag{}
	for _, s := range steps {
		parser, err := NewParser(&Env{Stdout: io.Discard, Stderr: io.Discard}, "papyra "+s.Words, s.Description, s.New())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Words, err)
		}
		_ = kong.Visit(parser.Model, func(v kong.Visitable, next kong.Next) error {
			if f, ok := v.(*kong.Flag); ok && f.Tag.Get("setting") != "" && flags[f.Tag.Get("setting")] == nil {
				flags[f.Tag.Get("setting")] = f
			}
			return next(nil)
		})
	}
	return flags, nil
}

// check returns an error if the value is of none of the types that there are.
func (s *Schema) check(what string, v jsonfile.Value) error {
	t := strings.TrimPrefix(strings.TrimPrefix(v.Type(), "a "), "an ")
	if !slices.Contains(s.Type, t) && !(t == "number" && slices.Contains(s.Type, "integer")) {
		want := slices.DeleteFunc(slices.Clone(s.Type), func(t string) bool { return t == "null" })
		return v.Errorf("%s: want %s, not %s", what, orList(want), t)
	}
	of := s.Additional
	if v.IsArray() {
		of = s.Items
	}
	for _, item := range v.Items {
		if err := of.check(what, item); err != nil {
			return err
		}
	}
	return nil
}

// parseSettings reads an object of settings, or one with an object
// "persistence" that holds them.
func parseSettings(name string, data []byte) (settings, error) {
	s := settings{file: name, values: map[string]setting{}}
	top, err := jsonfile.Parse(data)
	if err == nil {
		err = s.object("settings", top)
	}
	if err != nil {
		return settings{}, fmt.Errorf("%s:%w", name, err)
	}
	return s, nil
}

func (s *settings) object(what string, v jsonfile.Value) error {
	return s.read(what, v, settingsSchema(), func(key string, v jsonfile.Value) (bool, error) {
		if key == "persistence" {
			return true, s.object(key, v)
		}
		return false, nil
	})
}

// read takes in the members of an object with the keys of a schema, but for
// those that own says it took.
func (s *settings) read(what string, v jsonfile.Value, known map[string]*Schema, own func(key string, v jsonfile.Value) (bool, error)) error {
	return v.Object(what, slices.Sorted(maps.Keys(known)), func(key string, v jsonfile.Value) error {
		if taken, err := own(key, v); taken || err != nil {
			return err
		}
		if err := known[key].check(key, v); err != nil {
			return err
		}
		if _, twice := s.values[key]; twice {
			return v.Errorf("%q is set twice, at the top and in persistence", key)
		}
		if v.Token != nil && key != "$schema" { // null is for what is not set
			s.values[key] = setting{text: flagText(v), source: fmt.Sprintf("%s:%d", s.file, v.Line()), at: &v}
		}
		return nil
	})
}

// flagText is a value in the spelling of a flag: a,b for a list, and a=1,b=2
// for an object.
func flagText(v jsonfile.Value) string {
	if t := v.Type(); t != "an array" && t != "an object" {
		return fmt.Sprint(v.Token)
	}
	parts := make([]string, len(v.Items))
	for i, item := range v.Items {
		parts[i] = flagText(item)
		if v.Keys != nil {
			parts[i] = v.Keys[i].Token.(string) + "=" + parts[i]
		}
		parts[i] = strings.ReplaceAll(parts[i], ",", `\,`)
	}
	return strings.Join(parts, ",")
}
