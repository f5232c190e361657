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

// compactions compares keeping the last hundredth of a log with a scan of all of it. Each compaction works on a
// fresh copy, which is made and synced before the clock starts.
func compactions(p *peers, file string, rounds int, progress io.Writer) ([]result, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	lines, err := countLines(file)
	if err != nil {
		return nil, err
	}
	keep := strconv.FormatInt(lines/100, 10)
	copied := filepath.Join(p.work, "compact.ndjson")
	compact := filepath.Join(p.bin, "papyra-compact")
	tools := []tool{
		{name: "papyra-scan of all", args: []string{filepath.Join(p.bin, "papyra-scan"), "--quiet", file}},
		{name: "papyra-compact --max-records 1 %", args: []string{compact, "--quiet", "--max-records", keep, copied}},
		{name: "the same, --offline", args: []string{compact, "--quiet", "--offline", "--max-records", keep, copied}},
	}
	if p.without("papyra-compact", "--offline") {
		tools[2].skip = "papyra-compact has no --offline"
	}
	samples := make([][]sample, len(tools))
	for round := range rounds {
		for i, t := range tools {
			if t.skip != "" {
				continue
			}
			if i > 0 {
				if err := copyFile(file, copied); err != nil {
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
	results := make([]result, 0, len(tools))
	for i, t := range tools {
		results = append(results, summarize(t, info.Size(), samples[i]))
	}
	return results, os.Remove(copied)
}

// without reports whether the help of a binary does not know the flag.
func (p *peers) without(binary, flag string) bool {
	var help bytes.Buffer
	t := tool{name: binary, args: []string{filepath.Join(p.bin, binary), "--help"}}
	return t.capture(nil, &help) != nil || !strings.Contains(help.String(), flag)
}

// appended is how fast records were made durable, or at least written.
type appended struct {
	name    string
	records int
	wall    time.Duration
	skip    string
}

// appends measures papyra-append with each --sync beside the producer's way to write.
func appends(p *peers, rounds int, progress io.Writer) ([]appended, error) {
	const most = 200000
	var records bytes.Buffer
	if _, err := gen.Generate(&records, gen.Options{Seed: 5, Lines: most}, nil); err != nil {
		return nil, err
	}
	log := filepath.Join(p.work, "append.ndjson")
	bin := filepath.Join(p.bin, "papyra-append")
	type way struct {
		appended
		tool
		reports bool // prints its own seconds
	}
	ways := []way{
		{appended{name: "papyra-append --sync always", records: 1000}, tool{args: []string{bin, "--quiet", "--sync", "always", log}}, false},
		{appended{name: "papyra-append --sync batch", records: most}, tool{args: []string{bin, "--quiet", "--sync", "batch", log}}, false},
		{appended{name: "papyra-append --sync interval=1s", records: most}, tool{args: []string{bin, "--quiet", "--sync", "interval=1s", log}}, false},
		{appended{name: "papyra-append --sync never", records: most}, tool{args: []string{bin, "--quiet", "--sync", "never", log}}, false},
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
			wall, err := w.measure(head(records.Bytes(), w.records), w.reports)
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

// measure runs the tool over the records and returns how long it took, by its own word where it reports.
func (t tool) measure(records []byte, reports bool) (time.Duration, error) {
	if !reports {
		s, err := t.once(bytes.NewReader(records))
		return s.wall, err
	}
	var said bytes.Buffer
	if err := t.capture(bytes.NewReader(records), &said); err != nil {
		return 0, err
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(said.String()), 64)
	return time.Duration(seconds * 1e9), err
}

// head returns the first n lines.
func head(text []byte, n int) []byte {
	at := 0
	for range n {
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	return text[:at]
}
