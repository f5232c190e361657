package main

import (
	"fmt"
	"reflect"

	"encoding/json"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/dispatch"
	"github.com/papyra-tools/papyra/internal/step/maintain"
)

// property is what the schema says of a key.
type property struct {
	Ref         string              `json:"$ref,omitempty"`
	Description string              `json:"description"`
	Type        []string            `json:"type,omitempty"`
	Enum        []any               `json:"enum,omitempty"`
	Minimum     *int                `json:"minimum,omitempty"`
	Items       *property           `json:"items,omitempty"`
	MinItems    int                 `json:"minItems,omitempty"`
	Properties  map[string]property `json:"properties,omitempty"`
	Required    []string            `json:"required,omitempty"`
	Others      *bool               `json:"unevaluatedProperties,omitempty"`
	Additional  *property           `json:"additionalProperties,omitempty"`
	Default     string              `json:"default,omitempty"`
}

// settingsSchema is the JSON Schema of the settings file: a property for each
// flag that is a setting. An enum is in lower case there, although the case
// does not matter.
func settingsSchema() ([]byte, error) {
	flags, err := cli.SettingFlags(dispatch.Steps())
	if err != nil {
		return nil, err
	}
	properties := map[string]property{
		"$schema":     {Description: "The schema of this file, for editors.", Type: []string{"string"}},
		"persistence": {Ref: "#", Description: "The same settings; a key stands at the top or here."},
	}
	for key, flag := range flags {
		properties[key] = propertyOf(flag)
	}
	return schema("settings", "papyra.json", "Settings of the papyra tools. Null is for what is not set.", properties)
}

// logsSchema is that of the files in which papyra maintain finds logs: the
// settings of logs, at the top and beside each path.
func logsSchema() ([]byte, error) {
	flags, err := cli.SettingFlags([]cli.Step{{Words: maintain.Step.Words, New: func() any { return &maintain.Log{} }}})
	if err != nil {
		return nil, err
	}
	top := map[string]property{
		"$schema":  {Description: "The schema of this file, for editors.", Type: []string{"string"}},
		"textfile": {Description: "Write the result for Prometheus there.", Type: []string{"string"}},
	}
	log := map[string]property{
		"path": {Description: "A log, a pattern such as /var/log/app/*.ndjson, or a list of them; absolute.", Type: []string{"array", "string"},
			Items: &property{Description: "One of them.", Type: []string{"string"}}},
	}
	for key, flag := range flags {
		top[key], log[key] = propertyOf(flag), propertyOf(flag)
	}
	top["logs"] = property{Description: "The logs that are looked after.", Type: []string{"array"}, MinItems: 1,
		Items: &property{Description: "Logs, and how they differ from what is said at the top.", Type: []string{"object"}, Properties: log, Required: []string{"path"}, Others: new(false)}}
	return schema("logs", "Logs to be maintained", "What papyra maintain reads, /etc/papyra/logs.d/*.json.", top, "logs")
}

func schema(name, title, description string, properties map[string]property, required ...string) ([]byte, error) {
	text, err := json.MarshalIndent(struct {
		Schema      string              `json:"$schema"`
		ID          string              `json:"$id"`
		Title       string              `json:"title"`
		Description string              `json:"description"`
		Type        string              `json:"type"`
		Properties  map[string]property `json:"properties"`
		Required    []string            `json:"required,omitempty"`
		Additional  bool                `json:"additionalProperties"`
	}{"https://json-schema.org/draft/2020-12/schema", "https://papyra-tools.github.io/schemas/1/" + name + ".schema.json", title, description, "object", properties, required, false}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make schema: %w", err)
	}
	return append(text, '\n'), nil
}

func propertyOf(flag *kong.Flag) property {
	p := property{Description: cli.FlagHelp(flag.Value), Default: flag.Default}
	switch flag.Target.Interface().(type) {
	case bool:
		p.Type = []string{"boolean"}
	case int, cli.Count, *cli.Count, cli.Size, *cli.Size:
		p.Type, p.Minimum = []string{"integer", "string"}, new(0)
	case cli.Duration, *cli.Duration:
		p.Type, p.Minimum = []string{"number", "string"}, new(0)
	case cli.Counts:
		p.Type, p.Minimum = []string{"integer", "string", "object"}, new(0)
		p.Additional = &property{Description: "The count for a kind; * is all others.", Type: []string{"integer", "string"}, Minimum: new(0)}
	case cli.Ages:
		p.Type, p.Minimum = []string{"number", "string", "object"}, new(0)
		p.Additional = &property{Description: "The age for a kind; * is all others.", Type: []string{"number", "string"}, Minimum: new(0)}
	default:
		p.Type = []string{"string"}
		if flag.Target.Kind() == reflect.Slice && flag.Tag.Sep != -1 {
			p.Type = []string{"array", "string"}
			p.Items = &property{Description: "One of them.", Type: []string{"string"}}
		}
	}
	p.Type = append(p.Type, "null")
	if flag.Enum != "" {
		for _, word := range flag.EnumSlice() {
			p.Enum = append(p.Enum, word)
		}
		p.Enum = append(p.Enum, nil)
	}
	return p
}
