package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// tool is one command that is measured.
type tool struct {
	name string
	args []string
	env  []string
	// ok are the exit codes that are no failure; empty means 0 alone.
	ok []int
	// inner says that the tool itself measures the part that counts: the last
	// line that it prints is two numbers, seconds of time and of processor
	// time.
	inner bool
	// before is for the shell, ahead of each run and outside of its time.
	before string
	// skip says why the tool can't be run; "" if it can.
	skip string
}

// sample is one run of a tool.
type sample struct {
	wall, cpu time.Duration
	rss       int64 // peak resident memory in bytes; 0 where the system does not tell
}

// result is what several runs of a tool came to.
type result struct {
	tool
	bytes     int64 // of input
	wall, cpu time.Duration
	rss       int64
	best      time.Duration
	least     time.Duration // of processor time
}

// rate is in megabytes (10⁶) a second.
func (r result) rate() float64 {
	if r.wall == 0 {
		return 0
	}
	return float64(r.bytes) / 1e6 / r.wall.Seconds()
}

// once runs the tool with the given standard input. Its output is thrown away.
func (t tool) once(stdin io.Reader) (sample, error) {
	cmd := exec.Command(t.args[0], t.args[1:]...)
	cmd.Env = append(os.Environ(), t.env...)
	cmd.Stdin = stdin
	var complaint, output bytes.Buffer
	if t.inner {
		cmd.Stdout = &output
	}
	cmd.Stderr = &limited{w: &complaint, left: 2000}
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		return sample{}, fmt.Errorf("start %s: %w", t.name, err)
	}
	code := cmd.ProcessState.ExitCode()
	if code != 0 && !slices.Contains(t.ok, code) {
		return sample{}, fmt.Errorf("run %s: exit code %d: %s", t.name, code, strings.TrimSpace(complaint.String()))
	}
	s := sample{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peakRSS(cmd.ProcessState)}
	if t.inner {
		if s.wall, s.cpu, err = measured(output.String()); err != nil {
			return s, fmt.Errorf("run %s: %w", t.name, err)
		}
	}
	return s, nil
}

// measured returns what a tool that measures itself printed in its last line.
func measured(output string) (wall, cpu time.Duration, err error) {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	var w, c float64
	if _, err := fmt.Sscan(lines[len(lines)-1], &w, &c); err != nil {
		return 0, 0, fmt.Errorf("read the time it took: %w", err)
	}
	return time.Duration(w * float64(time.Second)), time.Duration(c * float64(time.Second)), nil
}

// limited keeps the beginning of what is written and forgets the rest.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// alternate runs all tools in turn, so many rounds, and returns the median of
// each. What the machine does beside the benchmark then hits all of them alike.
func alternate(tools []tool, bytes []int64, rounds int, progress io.Writer) ([]result, error) {
	samples := make([][]sample, len(tools))
	for round := range rounds {
		for i, t := range tools {
			if t.skip != "" {
				continue
			}
			if t.before != "" {
				if _, err := shell(t.before).once(nil); err != nil {
					return nil, err
				}
			}
			s, err := t.once(nil)
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], s)
			fmt.Fprintf(progress, "round %d: %-40s %8.3f s\n", round+1, t.name, s.wall.Seconds())
		}
	}
	results := make([]result, len(tools))
	for i, t := range tools {
		results[i] = summarize(t, bytes[i], samples[i])
	}
	return results, nil
}

func summarize(t tool, bytes int64, all []sample) result {
	r := result{tool: t, bytes: bytes}
	if len(all) == 0 {
		return r
	}
	walls, cpus := make([]time.Duration, 0, len(all)), make([]time.Duration, 0, len(all))
	for _, s := range all {
		walls, cpus = append(walls, s.wall), append(cpus, s.cpu)
		r.rss = max(r.rss, s.rss)
	}
	r.wall, r.cpu, r.best, r.least = median(walls), median(cpus), slices.Min(walls), slices.Min(cpus)
	return r
}

func median(all []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(all))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
