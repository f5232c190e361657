package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// pair is a command of ours beside one of others, or of our own. Both are for
// the shell, in the directory with the logs; what they print is thrown away.
type pair struct {
	what       string
	ours, peer string
	before     string  // for the shell, ahead of each run and outside of its time
	faster     float64 // ours must be so many times as fast at least,
	longer     float64 // or take so many times as long at most; neither: it is only shown
	processor  bool    // count processor time
	runs       int     // 0 means as many as the rounds

	did [2]result
}

// pairs lists what is compared, on the logs that prepare makes.
func pairs() []pair {
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
	return all
}

// prepare makes the logs in a directory that has the first one.
func prepare(dir, log string, size int64) error {
	for name, o := range map[string]gen.Options{
		"damaged":   {Seed: 2, Size: size, Damage: map[string]int{"corrupted_line": int(size / 300 / 100)}},
		"eighth":    {Seed: 1, Size: size / 8},
		"eightfold": {Seed: 1, Size: 8 * size},
	} {
		if err := write(filepath.Join(dir, name), o); err != nil {
			return err
		}
	}
	if err := os.Symlink(log, filepath.Join(dir, "log")); err != nil {
		return err
	}
	hello := "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"Hello\") }\n"
	if err := os.WriteFile(filepath.Join(dir, "hello.go"), []byte(hello), 0o644); err != nil {
		return err
	}
	for _, script := range []string{
		"go build -ldflags '-s -w' -o hello hello.go",
		"gzip -6 < log > log.gz", "zstd -q -3 < log > log.zst",
		"head -n 400000 log | papyra-filter -q --kind event --kind audit --kind metric > rare && papyra-filter -q --kind dead_letter --limit $(($(wc -l < rare) / 50)) log >> rare",
	} {
		if _, err := shell(script).once(nil); err != nil {
			return err
		}
	}
	return nil
}

// shell is a command for the shell; what stands in a pipe must not fail.
func shell(script string) tool {
	return found(tool{name: script, args: []string{"bash", "-o", "pipefail", "-c", script}})
}

// comparePairs makes the logs in a directory, enters it, and measures all
// pairs.
func comparePairs(p *peers, log string, size int64, rounds int, progress io.Writer) ([]pair, error) {
	lines, err := countLines(log)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(p.work, "pairs")
	home, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	defer func() { _ = os.Chdir(home); _ = os.RemoveAll(dir) }()
	for name, value := range map[string]string{"PATH": p.bin + ":" + os.Getenv("PATH"), "LEFT": fmt.Sprint(lines / 100),
		"HALF": fmt.Sprintf("%ds", time.Now().Unix()-gen.DefaultStart-gen.DefaultSpan/2)} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	if err := prepare(dir, log, size); err != nil {
		return nil, err
	}
	all := pairs()
	for i := range all {
		x := &all[i]
		tools := []tool{shell(x.ours), shell(x.peer)}
		for j := range tools {
			tools[j].before = x.before
		}
		runs := rounds
		if x.runs > 0 {
			runs = x.runs
		}
		results, err := alternate(tools, []int64{size, size}, runs, progress)
		if err != nil {
			return nil, err
		}
		x.did = [2]result(results)
	}
	return all, nil
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
	t = target{what: "`" + x.ours + "` against `" + x.peer + "`", got: fmt.Sprintf("%.2f ×", x.ratio())}
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
	t.what = x.what
	return t, t.want != ""
}
