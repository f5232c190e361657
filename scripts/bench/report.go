package main

import (
	"cmp"
	_ "embed" // tried.md
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/humanize"
)

// report holds all that was measured.
type report struct {
	size     uint64
	rounds   int
	machine  string
	note     string
	scans    []scanTable
	pairs    []pair
	profiles [][2]string // a command, and percent and function, the largest first
	presets  []preset
	appends  []result
	targets  []target // of the binaries
}

// target is a promise and what became of it.
type target struct {
	what, want, got string
	met             bool
}

func find(results []result, prefix string) (result, bool) {
	for _, r := range results {
		if strings.HasPrefix(r.name, prefix) && !r.skipped {
			return r, true
		}
	}
	return result{}, false
}

func (r *report) judged() []target {
	var all []target
	for _, t := range r.scans {
		short, _, _ := strings.Cut(t.title, ",")
		scan, _ := find(t.results, "papyra-scan")
		if jq, ok := find(t.results, "jq"); ok {
			x := scan.rate() / jq.rate()
			all = append(all, target{short + ": scan against jq", "≥ 30 ×", fmt.Sprintf("%.0f ×", x), x >= 30})
		}
		one, _ := find(t.results, "papyra-scan, one core")
		for _, against := range []struct {
			what, peer string
			scan       result
			want       float64
		}{
			{"scan on one core against simdjson in memory", "simdjson", one, 1},
			{"scan on all cores against one core", "papyra-scan, one core", scan, 1.9},
			{"scan against wc -l", "wc", scan, 0.4},
		} {
			if peer, ok := find(t.results, against.peer); ok {
				x := against.scan.rate() / peer.rate()
				all = append(all, target{short + ": " + against.what, fmt.Sprintf("≥ %g ×", against.want), fmt.Sprintf("%.2f ×", x), x >= against.want})
			}
		}
		all = append(all, target{short + ": peak memory of the scan", "≤ 64 MiB", humanize.IBytes(uint64(scan.rss)), scan.rss <= 64<<20})
	}
	for _, x := range r.pairs {
		if t, ok := x.target(); ok {
			all = append(all, t)
		}
	}
	if len(r.presets) > 0 {
		p := slices.MinFunc(r.presets, func(a, b preset) int { return cmp.Compare(a.ratioOfRates, b.ratioOfRates) })
		all = append(all, target{"Scan of the slowest preset (" + p.name + ") against Papyra's log of like lines", "≥ 0.75 ×", fmt.Sprintf("%.2f ×", p.ratioOfRates), p.ratioOfRates >= 0.75})
	}
	return append(all, r.targets...)
}

func (r *report) missed() (n int) {
	for _, t := range r.judged() {
		if !t.met {
			n++
		}
	}
	return n
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

func memory(rss int64) string {
	if rss == 0 {
		return "–"
	}
	return humanize.IBytes(uint64(rss))
}

// tried is what is known of how the check got its speed.
//
//go:embed tried.md
var tried string

// markdown writes the page.
func (r *report) markdown() []byte {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p(`# Performance

Written by `+"`make bench`"+`; do not edit. Figures from one machine say little about another: compare ratios, and run it on yours.

- Machine: %s.
- Logs of %s made by `+"`scripts/genlog`"+` (seed 1), read once before, so that they are in the page cache.
- The commands run in turn, %d rounds in one session; the table shows the median of the whole process's time, start-up and loading
  included, and the highest peak memory. What the benchmark itself occupies (some 10 MB) is the floor of that figure.
- Processor time is that of all cores together; on a machine that is busy with other things it says more than the time does.
- jq and Python are slow: they read the first 32 and 128 MiB of the same log, and their rates are compared.
- simdjson is Debian's, its DOM `+"`parse_many`"+` on one thread (`+"`scripts/bench/peers/simdjson.cpp`, `g++ -O3`"+`): it checks JSON and UTF-8, as the scan does, and builds
  its tape; its time is that of parsing alone, of a text in memory each page of which was touched before. Scan also reads the file, and kind and timestamp of every record.

`, r.machine, humanize.IBytes(r.size), r.rounds)

	if r.note != "" {
		p("About this session: %s\n\n", r.note)
	}
	p("## Targets\n\n| target | wanted | measured | |\n|---|---|---|---|\n")
	for _, t := range r.judged() {
		p("| %s | %s | %s | %s |\n", t.what, t.want, t.got, map[bool]string{true: "met", false: "**missed**"}[t.met])
	}
	for _, t := range r.scans {
		scan, _ := find(t.results, "papyra-scan")
		p("\n## %s\n\n| command | MB/s | scan is … times as fast | time | processor time | peak memory |\n|---|--:|--:|--:|--:|--:|\n", t.title)
		for _, x := range t.results {
			if x.skipped {
				continue
			}
			p("| `%s` | %.0f | %.2f | %s | %s | %s |\n", x.name, x.rate(), scan.rate()/x.rate(), seconds(x.wall), seconds(x.cpu), memory(x.rss))
		}
	}
	p("\n## Beside other commands\n\nOn the first log, and others of its kind. The ratio is of speeds or of times, as wanted above.\n\n| what | ours | time | beside | time | ratio |\n|---|---|--:|---|--:|--:|\n")
	for _, x := range r.pairs {
		cell := func(r result) string { return "`" + strings.ReplaceAll(r.name, "|", "\\|") + "`" }
		took := func(r result) string {
			if x.processor {
				return seconds(r.cpu) + " of a processor"
			}
			return seconds(r.wall)
		}
		p("| %s | %s | %s | %s | %s | %.2f |\n", x.what, cell(x.did[0]), took(x.did[0]), cell(x.did[1]), took(x.did[1]), x.ratio())
	}
	p("\nA compaction of a log that may be live waits on purpose, a second at most, for writers that opened the old file just before it was replaced.\n")
	p("\n## Where the time goes\n\nSamples of the processor clock; k is the kernel.\n")
	for _, x := range r.profiles {
		p("\n`%s`\n\n```text\n%s```\n", x[0], x[1])
	}
	p("\n## Logs of other programs\n\nA scan by their profile, and one of the same lines with Papyra's kind and timestamp in the place of theirs; MB of text a second of\nprocessor time on one core, the best of the rounds.\n\n| profile | bytes a line | MB/s | as Papyra's | ratio |\n|---|--:|--:|--:|--:|\n")
	for _, x := range r.presets {
		p("| %s | %d | %.0f | %.0f | %.2f |\n", x.name, x.line, x.own, x.papyra, x.ratioOfRates)
	}
	p("\n## Appending\n\nFrom standard input to a log on disk. Durable means: fsync returned before the record was acknowledged.\n\n| way | records | records/s |\n|---|--:|--:|\n")
	for _, a := range r.appends {
		if !a.skipped {
			p("| `%s` | %s | %s |\n", a.name, humanize.Comma(a.amount), humanize.Comma(int64(a.rate()*1e6)))
		}
	}
	b.WriteString(tried)
	return []byte(b.String())
}
