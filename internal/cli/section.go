package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/papyra-tools/papyra/internal/jsonfile"
)

// Section is a part of a settings file that holds the flags of one log: what
// they are is then a matter of the file alone, not of the environment or of the
// settings of everything else.
type Section struct{ settings }

// NewSection returns an empty section of a file.
func NewSection(file string) Section { return Section{settings{file, map[string]setting{}}} }

// Within returns a section that has the values of s unless it has its own.
func (s Section) Within() Section { return Section{settings{s.file, maps.Clone(s.values)}} }

// Read takes in the members of an object, each of which must be a key of the
// schema. own reports whether it has taken one itself.
func (s Section) Read(what string, v jsonfile.Value, known map[string]*Schema, own func(key string, v jsonfile.Value) (bool, error)) error {
	read := NewSection(s.file)
	err := read.read(what, v, known, own)
	maps.Copy(s.values, read.values)
	return err
}

// Mistake is what is wrong with the value of a key, with its place.
func (s Section) Mistake(key string, err error) error {
	return Usagef("%w", s.values[key].mistake(s.file, key, err))
}

// Fill sets the flags of a command to the values of the section, and the others
// to their defaults. The environment that it returns knows where each came
// from.
func (s Section) Fill(env *Env, name string, command any) (*Env, error) {
	of := *env
	of.settings, of.given = s.settings, nil
	of.Getenv = func(key string) string {
		switch {
		case key == "PAPYRA_CONFIG":
			return "none"
		case strings.HasPrefix(key, "PAPYRA_"):
			return ""
		}
		return env.getenv(key)
	}
	parser, err := NewParser(&of, name, "", command)
	if err != nil {
		return nil, fmt.Errorf("build the settings: %w", err)
	}
	if _, err := parser.Parse(nil); err != nil {
		return nil, usage(err)
	}
	return &of, nil
}

// SettingsOf returns the settings files that a name stands for: itself, or
// those of a directory that end in .json, of which there must be one. A
// directory that others could put files into is refused.
func SettingsOf(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	if err := trusted(info); err != nil {
		return nil, fmt.Errorf("%s %w: its settings decide what is deleted", name, err)
	}
	list, err := os.ReadDir(name)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	var files []string
	for _, e := range list {
		if strings.HasSuffix(e.Name(), ".json") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(name, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, Failf(ExitFailed, "there is no settings file in %s", name)
	}
	return files, nil
}
