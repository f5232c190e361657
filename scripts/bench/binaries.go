package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// binary is what one of our programs weighs and how long it takes to do next to
// nothing.
type binary struct {
	name  string
	bytes int64
	start time.Duration
}

// startRuns is how often each program is started.
const startRuns = 21

// binaries measures size and start-up: from the start of the process to its
// end, asked for its help. jq and Python stand beside them.
func binaries(p *peers, progress io.Writer) ([]binary, error) {
	entries, err := os.ReadDir(p.bin)
	if err != nil {
		return nil, fmt.Errorf("look for binaries (make build): %w", err)
	}
	var all []binary
	tools := []tool{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.IsDir() || !strings.HasPrefix(e.Name(), "papyra") {
			continue
		}
		all = append(all, binary{name: e.Name(), bytes: info.Size()})
		tools = append(tools, tool{name: e.Name(), args: []string{filepath.Join(p.bin, e.Name()), "--help"}})
		if e.Name() == "papyra" {
			all = append(all, binary{name: "papyra persistence scan"})
			tools = append(tools, tool{name: "papyra persistence scan", args: []string{filepath.Join(p.bin, e.Name()), "persistence", "scan", "--help"}})
		}
	}
	for _, peer := range []tool{
		found(tool{name: "jq -n 1", args: []string{"jq", "-n", "1"}}),
		found(tool{name: "python3 -c pass", args: []string{"python3", "-c", "pass"}}),
	} {
		if peer.skip == "" {
			all = append(all, binary{name: peer.name})
			tools = append(tools, peer)
		}
	}
	walls := make([][]time.Duration, len(tools))
	for range startRuns {
		for i, t := range tools {
			s, err := t.once(nil)
			if err != nil {
				return nil, err
			}
			walls[i] = append(walls[i], s.wall)
		}
	}
	for i := range all {
		all[i].start = median(walls[i])
		fmt.Fprintf(progress, "start: %-20s %v\n", all[i].name, all[i].start)
	}
	return all, nil
}
