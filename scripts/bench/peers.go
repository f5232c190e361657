package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// peers are the programs that a scan is compared with.
type peers struct {
	bin      string // where papyra's binaries are
	work     string // a directory of our own
	simdjson string // the compiled yardstick, or ""
	why      string // why there is none
}

// compileSimdjson builds the yardstick where Debian's libsimdjson-dev and g++
// are installed.
func (p *peers) compileSimdjson(source string) {
	if _, err := exec.LookPath("g++"); err != nil {
		p.why = "g++ is not installed"
		return
	}
	out := filepath.Join(p.work, "simdjson")
	if msg, err := exec.Command("g++", "-O3", "-o", out, source, "-lsimdjson").CombinedOutput(); err != nil {
		p.why = fmt.Sprintf("simdjson.cpp does not compile here (libsimdjson-dev?): %.60s", firstLine(msg))
		return
	}
	p.simdjson = out
}

// ours is one of our own programs.
func (p *peers) ours(name, binary string, args ...string) tool {
	return found(tool{name: name, args: append([]string{filepath.Join(p.bin, binary)}, args...)})
}

// part is the beginning of a log, in a file of its own.
type part struct {
	file string
	size int64
}

// readers lists what reads the log, and how many bytes each gets: jq and Python
// are slow, and read a part.
func (p *peers) readers(file, profile string, size int64, python, jq part) ([]tool, []int64) {
	args := []string{"--quiet", file}
	if profile != "" { // where the sample begins again, time goes back
		args = append(args, "--profile", profile, "--max-skew", "36500d")
	}
	single := p.ours("papyra-scan, one core", "papyra-scan", args...)
	single.env = []string{"GOMAXPROCS=1"}
	tools := []tool{
		p.ours("papyra-scan", "papyra-scan", args...),
		single,
		p.yardstick(file),
		found(tool{name: "wc -l", args: []string{"wc", "-l", file}}),
		found(tool{name: "python3 json.loads", args: []string{"python3", "-c",
			"import json, sys\nfor line in open(sys.argv[1], 'rb'): json.loads(line)", python.file}}),
		found(tool{name: "jq -c .", args: []string{"jq", "-c", ".", jq.file}}),
	}
	sizes := []int64{size, size, size, size, python.size, jq.size}
	return tools, sizes
}

func (p *peers) yardstick(file string) tool {
	return tool{name: "simdjson parse_many, one thread, text in memory", args: []string{p.simdjson, file}, inner: true, skip: p.why}
}

// found marks a tool that is not installed.
func found(t tool) tool {
	if _, err := exec.LookPath(t.args[0]); err != nil {
		t.skip = filepath.Base(t.args[0]) + " is not there"
	}
	return t
}

func firstLine(text []byte) string {
	for i, c := range text {
		if c == '\n' {
			return string(text[:i])
		}
	}
	return string(text)
}
