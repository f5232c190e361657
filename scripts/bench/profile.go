package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// profile is where the processor time of a command goes.
type profile struct {
	command string
	lines   []string // percent and function, the largest first
	skip    string
}

// profileLines is how many functions a profile names.
const profileLines = 16

// profiles samples the processor clock of commands, on one core, with perf. The
// programs are built anew, with their symbols.
func profiles(p *peers, log string) ([]profile, error) {
	var all []profile
	for _, name := range []string{"scan", "inspect"} {
		x := profile{command: "GOMAXPROCS=1 papyra-" + name + " -q log"}
		if _, err := exec.LookPath("perf"); err != nil {
			x.skip = "perf is not there"
			all = append(all, x)
			continue
		}
		program, data := filepath.Join(p.work, name), filepath.Join(p.work, name+".perf")
		if out, err := exec.Command("go", "build", "-o", program, "./cmd/papyra-"+name).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build papyra-%s with symbols: %w: %s", name, err, out)
		}
		record := exec.Command("perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", data, program, "-q", log)
		record.Env = append(os.Environ(), "GOMAXPROCS=1")
		if out, err := record.CombinedOutput(); err != nil {
			x.skip = fmt.Sprintf("perf record: %v: %.80s", err, firstLine(out))
			all = append(all, x)
			continue
		}
		out, err := exec.Command("perf", "report", "-i", data, "--stdio", "--no-children", "--sort", "symbol").Output()
		if err != nil {
			return nil, fmt.Errorf("report on papyra-%s: %w", name, err)
		}
		for line := range bytes.Lines(out) {
			if m := sampled.FindSubmatch(line); m != nil && len(x.lines) < profileLines {
				x.lines = append(x.lines, fmt.Sprintf("%7s  %s", m[1], strings.ReplaceAll(string(m[2]), "github.com/papyra-tools/papyra/", "")))
			}
		}
		all = append(all, x)
	}
	return all, nil
}

// sampled is a line of perf's report: a share, k for the kernel, a function.
var sampled = regexp.MustCompile(`^ *([0-9.]+%) +(\[[.k]\] \S+)`)
