package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// tool is one command that is measured.
type tool struct {
	// name is what the page calls it; "" means script.
	name string
	// script is for bash; what stands in a pipe must not fail.
	script string
	// before and after are for bash, outside of the time of a run.
	before, after string
	// inner says that the tool itself measures the part that counts: the last
	// line that it prints is two numbers, seconds of time and of processor
	// time.
	inner bool
	// needs is a program without which the tool can't run; "" is none.
	needs string
	// amount is how many bytes it reads, or records it writes.
	amount int64
}

// sample is one run of a tool.
type sample struct {
	wall, cpu time.Duration
	rss       int64 // peak resident memory in bytes; 0 where the system does not tell
}

// result is what several runs of a tool came to.
type result struct {
	tool
	wall, cpu time.Duration
	rss       int64
	least     time.Duration // of processor time
	skipped   bool
}

// rate is in units of 10⁶ a second.
func (r result) rate() float64 {
	if r.wall == 0 {
		return 0
	}
	return float64(r.amount) / 1e6 / r.wall.Seconds()
}

// once runs the tool. Its output is thrown away.
func (t tool) once() (sample, error) {
	cmd := exec.Command("bash", "-o", "pipefail", "-c", t.script)
	var complaint, output bytes.Buffer
	if t.inner {
		cmd.Stdout = &output
	}
	cmd.Stderr = &complaint
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("run %s: %w: %.2000s", t.script, err, strings.TrimSpace(complaint.String()))
	}
	s := sample{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peakRSS(cmd.ProcessState)}
	if t.inner {
		lines := strings.Split(strings.TrimSpace(output.String()), "\n")
		var wall, cpu float64
		if _, err := fmt.Sscan(lines[len(lines)-1], &wall, &cpu); err != nil {
			return s, fmt.Errorf("read the time that %s took: %w", t.script, err)
		}
		s.wall, s.cpu = time.Duration(wall*float64(time.Second)), time.Duration(cpu*float64(time.Second))
	}
	return s, nil
}

// do runs scripts one after another.
func do(scripts ...string) error {
	for _, script := range scripts {
		if _, err := (tool{script: script}).once(); err != nil {
			return err
		}
	}
	return nil
}

// say returns what a script prints, on one line.
func say(script string) (string, error) {
	out, err := exec.Command("bash", "-o", "pipefail", "-c", script).Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", script, err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", ""), nil
}

// alternate runs all tools in turn, so many rounds, and returns the median of
// each. What the machine does beside the benchmark then hits all of them alike.
func (b *bench) alternate(rounds int, tools ...tool) ([]result, error) {
	samples := make([][]sample, len(tools))
	results := make([]result, len(tools))
	for i, t := range tools {
		if t.name == "" {
			t.name = t.script
		}
		results[i].tool = t
		if t.needs != "" {
			_, err := exec.LookPath(t.needs)
			results[i].skipped = err != nil
		}
	}
	for round := range rounds {
		for i, r := range results {
			if r.skipped {
				continue
			}
			if err := do(r.before); err != nil {
				return nil, err
			}
			s, err := r.once()
			if err != nil {
				return nil, err
			}
			if err := do(r.after); err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], s)
			fmt.Fprintf(b.progress, "round %d: %-40s %8.3f s\n", round+1, r.name, s.wall.Seconds())
		}
	}
	for i, all := range samples {
		if len(all) > 0 {
			results[i].summarize(all)
		}
	}
	return results, nil
}

func (r *result) summarize(all []sample) {
	var walls, cpus []time.Duration
	for _, s := range all {
		walls, cpus = append(walls, s.wall), append(cpus, s.cpu)
		r.rss = max(r.rss, s.rss)
	}
	r.wall, r.cpu, r.least = median(walls), median(cpus), slices.Min(cpus)
}

func median(all []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(all))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// fileSize is 0 for a file that is not there.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
