package cli

import (
	"runtime"
	"runtime/debug"
)

// A release sets these: -ldflags "-X
// github.com/papyra-tools/papyra/internal/cli.version=v1.2.3". Without them,
// what the Go tool records is said.
var version, commit string

// Version is the version of this build: what the build was told, else what the
// Go tool recorded, else "devel".
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
	text, from := name+" "+Version(), commit
	if info, ok := debug.ReadBuildInfo(); ok && from == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				from = s.Value
			}
		}
	}
	if len(from) >= 12 {
		text += " " + from[:12]
	}
	return text + " (" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}
