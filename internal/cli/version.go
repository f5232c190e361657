package cli

import (
	"runtime"
	"runtime/debug"
)

// version is set by the build: -ldflags "-X github.com/papyra-tools/papyra/internal/cli.version=v1.2.3".
var version = ""

// Version is the version of this build: what the build was told, else what the Go tool recorded, else "devel".
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// VersionText is what --version prints.
func VersionText(name string) string {
	text := name + " " + Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				text += " " + s.Value[:12]
			}
		}
	}
	return text + " (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}
