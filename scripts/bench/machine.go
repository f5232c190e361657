package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
)

// machine describes where the figures come from: the kind, not the place.
func machine() string {
	parts := []string{fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	if name := field("/proc/cpuinfo", "model name"); name != "" {
		parts = append(parts, name)
	}
	var kb uint64
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal"), "%d", &kb); err == nil {
		parts = append(parts, humanize.IBytes(kb<<10)+" memory")
	}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		version, _, _ := strings.Cut(strings.TrimSpace(string(kernel)), "-")
		parts = append(parts, "kernel "+version)
	}
	return strings.Join(append(parts, runtime.Version()), "; ")
}

// field returns the value of the first line of a file of /proc that has the
// name, or "".
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		if key, value, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
