// Package presets holds the profiles that come with the tools, a file each.
package presets

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/papyra-tools/papyra/internal/nearest"
)

//go:embed files/*.json
var files embed.FS

// Names returns the names of all presets, sorted.
var Names = sync.OnceValue(func() []string {
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(err) // they are part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
})

// File returns the file of a preset as it was written. It fails on a name that
// is none of the presets', and suggests the nearest one.
func File(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("unknown profile %q%s", name, nearest.DidYouMean(name, Names()))
	}
	return files.ReadFile("files/" + name + ".json")
}
