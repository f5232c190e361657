package record

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/papyra-tools/papyra/internal/nearest"
)

// presets are the profiles that come with the tools, a file each.
//
//go:embed presets/*.json
var presets embed.FS

// PresetNames returns the names of all presets, sorted.
var PresetNames = sync.OnceValue(func() []string {
	entries, err := presets.ReadDir("presets")
	if err != nil {
		panic(err) // they are part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
})

// PresetFile returns the file of a preset as it was written. It fails on a name
// that is none of the presets', and suggests the nearest one.
func PresetFile(name string) ([]byte, error) {
	for _, n := range PresetNames() {
		if n == name {
			return presets.ReadFile("presets/" + n + ".json")
		}
	}
	return nil, fmt.Errorf("unknown profile %q%s", name, nearest.DidYouMean(name, PresetNames()))
}

// Preset returns the preset of that name.
func Preset(name string) (*Profile, error) {
	if name == "papyra" {
		return Papyra(), nil
	}
	return parsePreset(name)
}

func parsePreset(name string) (*Profile, error) {
	data, err := PresetFile(name)
	if err != nil {
		return nil, err
	}
	p, err := ParseProfile(data)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

// Papyra returns the profile of Papyra's own logs, which is the default.
var Papyra = sync.OnceValue(func() *Profile {
	p, err := parsePreset("papyra")
	if err != nil {
		panic(err) // it is part of the program
	}
	return p
})
