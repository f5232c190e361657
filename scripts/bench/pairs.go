package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// pair is a command of ours beside one of others, or of our own.
type pair struct {
	what       string
	ours, peer string
	before     string  // ahead of each run
	faster     float64 // ours must be so many times as fast at least,
	longer     float64 // or take so many times as long at most; neither: it is only shown
	processor  bool    // count processor time
	runs       int     // 0 means as many as the rounds

	did []result
}

// compared lists what is compared, on the logs that prepare makes.
func compared() []pair {
	const copied = "cp log copy && sync copy"
	all := []pair{
		{what: "scan of a pipe", ours: "cat log | papyra-scan -q", peer: "cat log | wc -l", faster: 0.8},
		{what: "a pipeline of three", ours: "papyra-repair -q < log | papyra-filter -q | cat", peer: "cat log | cat | cat", faster: 0.6},
		{what: "inspection", ours: "papyra-inspect -q log", peer: "papyra-scan -q log", longer: 1.5},
		{what: "repair, 1 % of the lines damaged", ours: "papyra-repair -q < damaged", peer: "papyra-scan -q damaged || true", longer: 1.5},
		{what: "filter that keeps all, into a file", ours: "papyra-filter -q log > out", peer: "cp log out", before: "rm -f out", faster: 0.8},
		{what: "filter in front of jq, 1 of 50 records", ours: "papyra-filter -q --kind dead_letter rare | jq -c .", peer: `jq -c 'select(.kind == "dead_letter")' rare`, faster: 15},
		{what: "compaction by age, half of it goes", ours: "papyra-compact -q --offline --max-age $HALF copy", peer: "papyra-scan -q log && cp log out", before: "rm -f out && " + copied, longer: 1.3},
		{what: "compaction, 1 % stays", ours: "papyra-compact -q --max-records $LEFT copy", peer: "papyra-scan -q log", before: copied, longer: 0.1, processor: true},
		{what: "compaction off-line, 1 % stays", ours: "papyra-compact -q --offline --max-records $LEFT copy", peer: "papyra-scan -q log", before: copied, longer: 0.1, processor: true},
		{what: "zstd", ours: "papyra-scan -q log.zst", peer: "zstd -dc log.zst | wc -l", faster: 0.9},
		{what: "gzip", ours: "papyra-scan -q log.gz", peer: "gzip -dc log.gz", faster: 1.5},
		// Asked for no byte of a file, dd takes what it has out of the cache.
		{what: "scan from a cold cache", ours: "papyra-scan -q log", peer: "cat log", before: "dd if=log iflag=nocache count=0 status=none"},
	}
	for _, cores := range []string{"1", "2"} {
		scan := "GOMAXPROCS=" + cores + " papyra-scan -q "
		all = append(all,
			pair{what: "eight times the log, cores: " + cores, ours: scan + "log", peer: scan + "eighth", longer: 8 * 1.1},
			pair{what: "eight times that, cores: " + cores, ours: scan + "eightfold", peer: scan + "log", longer: 8 * 1.1})
	}
	for _, start := range []string{"papyra --help", "papyra persistence scan --version", "papyra-append --version", "papyra-compact --version",
		"papyra-filter --version", "papyra-inspect --version", "papyra-repair --version", "papyra-scan --version"} {
		all = append(all, pair{what: "start of " + start, ours: "exec " + start, peer: "exec ./hello", longer: 3, runs: 21})
	}
	for _, peer := range []string{"jq -n 1", "python3 -c pass"} {
		all = append(all, pair{what: "start, beside others", ours: "exec papyra-scan --version", peer: "exec " + peer, runs: 21})
	}
	return all
}

// prepare makes the logs beside the first one.
func (b *bench) prepare() error {
	for name, o := range map[string]gen.Options{
		"damaged":   {Seed: 2, Size: b.size, Damage: map[string]int{"corrupted_line": int(b.size / 300 / 100)}},
		"eighth":    {Seed: 1, Size: b.size / 8},
		"eightfold": {Seed: 1, Size: 8 * b.size},
	} {
		if err := generate(name, o); err != nil {
			return err
		}
	}
	return do(`printf 'package main\nimport "fmt"\nfunc main() { fmt.Println("Hello") }\n' > hello.go && go build -ldflags '-s -w' -o hello hello.go`,
		"gzip -6 < log > log.gz", "zstd -q -3 < log > log.zst",
		// Of the dead letters so many stay, among the others, that they are one of 50.
		`head -n 400000 log | awk '!/"kind": "dead_letter"/ { n++; print } /"kind": "dead_letter"/ && n >= 49 * (k + 1) { k++; print }' > rare`)
}

// pairs measures all of them.
func (b *bench) pairs(r *report) error {
	if err := b.prepare(); err != nil {
		return err
	}
	left, err := say("echo $(($(wc -l < log) / 100))")
	if err := errors.Join(err, os.Setenv("LEFT", left)); err != nil {
		return err
	}
	for _, x := range compared() {
		if x.runs == 0 {
			x.runs = b.rounds
		}
		if x.did, err = b.alternate(x.runs, tool{script: x.ours, before: x.before}, tool{script: x.peer, before: x.before}); err != nil {
			return err
		}
		r.pairs = append(r.pairs, x)
	}
	return do("rm damaged eightfold rare copy out log.*")
}

// ratio is how many times as fast ours is, or how many times as long it takes.
func (x pair) ratio() float64 {
	ours, peer := x.did[0].wall, x.did[1].wall
	if x.processor {
		ours, peer = x.did[0].cpu, x.did[1].cpu
	}
	if x.longer > 0 {
		return ours.Seconds() / peer.Seconds()
	}
	return peer.Seconds() / ours.Seconds()
}

func (x pair) target() (t target, ok bool) {
	t = target{what: x.what, got: fmt.Sprintf("%.2f ×", x.ratio())}
	kind := "time"
	if x.processor {
		kind = "processor time"
	}
	switch {
	case x.faster > 0:
		t.want, t.met = fmt.Sprintf("≥ %g × the speed", x.faster), x.ratio() >= x.faster
	case x.longer > 0:
		t.want, t.met = fmt.Sprintf("≤ %.3g × the %s", x.longer, kind), x.ratio() <= x.longer
	}
	return t, t.want != ""
}
