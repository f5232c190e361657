package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// appended is how fast records were made durable, or at least written.
type appended struct {
	name    string
	records int
	wall    time.Duration
	skip    string
}

// appends measures papyra-append with each --sync beside the producer's way to
// write.
func appends(p *peers, rounds int, progress io.Writer) ([]appended, error) {
	const most = 200000
	records := func(n int) string { return filepath.Join(p.work, fmt.Sprintf("records.%d", n)) }
	for _, n := range []int{1000, 20000, most} {
		if err := write(records(n), gen.Options{Seed: 5, Lines: int64(n)}); err != nil {
			return nil, err
		}
	}
	log := filepath.Join(p.work, "append.ndjson")
	syncing := func(how string) tool { return p.ours("papyra-append", "papyra-append", "--quiet", "--sync", how, log) }
	type way struct {
		appended
		tool
		reports bool // prints its own seconds
	}
	ways := []way{
		{appended{name: "papyra-append --sync always", records: 1000}, syncing("always"), false},
		{appended{name: "papyra-append --sync batch", records: most}, syncing("batch"), false},
		{appended{name: "papyra-append --sync interval=1s", records: most}, syncing("interval=1s"), false},
		{appended{name: "papyra-append --sync never", records: most}, syncing("never"), false},
		{appended{name: "Python producer (open, write, flush, close; no fsync)", records: 20000},
			found(tool{args: []string{"python3", filepath.Join("scripts", "bench", "peers", "producer.py"), log, "20000"}}), true},
	}
	walls := make([][]time.Duration, len(ways))
	for round := range rounds {
		for i, w := range ways {
			if w.tool.skip != "" {
				continue
			}
			if err := os.RemoveAll(log); err != nil {
				return nil, err
			}
			wall, err := w.measure(records(w.records), w.reports)
			if err != nil {
				return nil, err
			}
			if n, err := countLines(log); err != nil || n != int64(w.records) {
				return nil, fmt.Errorf("%s: %d records arrived, not %d: %w", w.appended.name, n, w.records, err)
			}
			walls[i] = append(walls[i], wall)
			fmt.Fprintf(progress, "round %d: %-54s %9.0f records/s\n", round+1, w.appended.name, float64(w.records)/wall.Seconds())
		}
	}
	all := make([]appended, 0, len(ways))
	for i, w := range ways {
		a := w.appended
		if a.skip = w.tool.skip; a.skip == "" {
			a.wall = median(walls[i])
		}
		all = append(all, a)
	}
	return all, os.RemoveAll(log)
}

// measure runs the tool over a file of records and returns how long it took, by
// its own word where it reports.
func (t tool) measure(records string, reports bool) (time.Duration, error) {
	in, err := os.Open(records)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if !reports {
		s, err := t.once(in)
		return s.wall, err
	}
	var said bytes.Buffer
	if err := t.capture(in, &said); err != nil {
		return 0, err
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(said.String()), 64)
	return time.Duration(seconds * 1e9), err
}
