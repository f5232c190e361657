package record

import (
	"fmt"
	"slices"
	"sync"

	"github.com/papyra-tools/papyra/internal/presets"
)

// PresetNames returns the names of the profiles that come with the tools,
// sorted.
func PresetNames() []string { return slices.Clone(presets.Names()) }

// Preset returns the preset of that name. It fails on a name that is none of
// the presets', and suggests the nearest one.
func Preset(name string) (*Profile, error) {
	if name == "papyra" {
		return Papyra(), nil
	}
	return parsePreset(name)
}

func parsePreset(name string) (*Profile, error) {
	data, err := presets.File(name)
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
func Papyra() *Profile { return papyra() }

var papyra = sync.OnceValue(func() *Profile {
	p, err := parsePreset("papyra")
	if err != nil {
		panic(err) // it is part of the program
	}
	return p
})
