package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// bill is the bill of materials in the form of CycloneDX 1.6: every module that
// the Go tool recorded in one of the programs, and the standard library.
type bill struct {
	r       *release
	modules map[string]component // by purl
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Purl    string `json:"purl"`
}

func module(kind, path, version string) component {
	purl := "pkg:golang/" + path + "@" + version
	return component{kind, purl, path, version, purl}
}

// add reads the programs in a folder.
func (b *bill) add(dir string) error {
	programs, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, p := range programs {
		info, err := buildinfo.ReadFile(filepath.Join(dir, p.Name()))
		if err != nil {
			return fmt.Errorf("read what %s is made of: %w", p.Name(), err)
		}
		std := module("library", "std", info.GoVersion)
		b.modules[std.Purl] = std
		for _, m := range info.Deps {
			c := module("library", m.Path, m.Version)
			b.modules[c.Purl] = c
		}
	}
	return nil
}

func (b *bill) write(path string) error {
	type metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	type dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
	tools := module("application", "github.com/papyra-tools/papyra", "v"+b.r.version)
	names := slices.Sorted(maps.Keys(b.modules))
	components := make([]component, len(names))
	for i, name := range names {
		components[i] = b.modules[name]
	}
	text, err := json.MarshalIndent(struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}{"CycloneDX", "1.6", 1, metadata{b.r.time.Format(time.RFC3339), tools}, components, []dependency{{tools.Ref, names}}}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
