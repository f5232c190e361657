package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// scanTable is how fast a log is read as a whole.
type scanTable struct {
	title   string
	results []result
}

// scans runs all readers over several logs, in turn. The first one stays, under
// the name log.
func (b *bench) scans(r *report) error {
	// Without g++ or libsimdjson-dev the yardstick is left out.
	source := filepath.Join(b.home, "scripts", "bench", "peers", "simdjson.cpp")
	if err := do("g++ -O3 -o simdjson '" + source + "' -lsimdjson"); err != nil {
		fmt.Fprintln(b.progress, err)
	}
	if err := do(`cd "$BENCH_HOME" && go build -o "$OLDPWD/with-symbols/" ./cmd/papyra-scan ./cmd/papyra-inspect`); err != nil {
		return err
	}
	for _, log := range []struct{ title, file, profile string }{
		{"Papyra-like log, lines of 100 to 600 bytes", "log", ""},
		{"Long lines, 4 to 5 KB, nested some forty levels deep", "long", ""},
		{"Caddy, the sample of testdata/profiles repeated", "caddy", "caddy"},
		{"Docker, the sample of testdata/profiles repeated", "docker", "docker"},
		{"Pino, the sample of testdata/profiles repeated", "pino", "pino"},
	} {
		scan := "papyra-scan --quiet " + log.file
		var err error
		if log.profile == "" {
			err = generate(log.file, gen.Options{Seed: 1, Size: b.size, Long: log.file == "long"})
		} else {
			var text []byte
			if text, err = b.sample(log.profile); err == nil {
				err = repeat(log.file, text, b.size)
			}
			scan = "papyra-scan --quiet" + repeated(log.profile) + log.file
		}
		if err != nil {
			return err
		}
		// cat, so that all is in the page cache. jq and Python are slow, and read
		// the beginning.
		if err := do(fmt.Sprintf("cat %[1]s > /dev/null; head -c %[2]d %[1]s | sed '$d' > for-python; head -c %[3]d %[1]s | sed '$d' > for-jq", log.file, 128<<20, 32<<20)); err != nil {
			return err
		}
		size := fileSize(log.file)
		results, err := b.alternate(b.rounds,
			tool{name: "papyra-scan", script: scan, amount: size},
			tool{name: "papyra-scan, one core", script: "GOMAXPROCS=1 " + scan, amount: size},
			tool{name: "simdjson parse_many, one thread, text in memory", script: "simdjson " + log.file, inner: true, needs: "simdjson", amount: size},
			tool{name: "wc -l", script: "wc -l " + log.file, amount: size},
			tool{name: "python3 json.loads", script: `python3 -c 'import json, sys
for line in open(sys.argv[1], "rb"): json.loads(line)' for-python`, needs: "python3", amount: fileSize("for-python")},
			tool{name: "jq -c .", script: "jq -c . for-jq", needs: "jq", amount: fileSize("for-jq")})
		if err != nil {
			return err
		}
		r.scans = append(r.scans, scanTable{log.title, results})
		if err := b.sampled(r, scan); err != nil {
			return err
		}
		if log.file == "log" {
			err = b.sampled(r, "papyra-inspect --quiet log")
		} else {
			err = do("rm " + log.file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sampled runs one of the programs that were built with their symbols, on one
// core, and samples the processor clock, with perf.
func (b *bench) sampled(r *report, command string) error {
	err := do(`GOMAXPROCS=1 perf record -q -e cpu-clock -F 4000 -o samples with-symbols/` + command + ` && perf report -i samples --stdio --no-children --sort symbol |
awk '/^ *[0-9.]+% +\[[.k]\]/ && n++ < 16 {printf "%7s  %s %s\n", $1, $2, $3}' | sed 's|github.com/papyra-tools/papyra/||' > samples.txt`)
	if err != nil { // perf is not everywhere
		fmt.Fprintln(b.progress, err)
		return nil
	}
	text, err := os.ReadFile("samples.txt")
	r.profiles = append(r.profiles, [2]string{"GOMAXPROCS=1 " + command, string(text)})
	return err
}

// appends measures papyra-append with each --sync beside the producer's way to
// write.
func (b *bench) appends(r *report) error {
	var tools []tool
	for _, way := range []struct {
		name, script string
		records      int64
		inner        bool
	}{
		{name: "papyra-append --sync always", records: 1000},
		{name: "papyra-append --sync batch", records: 200000},
		{name: "papyra-append --sync interval=1s", records: 200000},
		{name: "papyra-append --sync never", records: 200000},
		{"Python producer (open, write, flush, close; no fsync)", `python3 "$BENCH_HOME/scripts/bench/peers/producer.py" appended`, 20000, true},
	} {
		in := fmt.Sprintf("records.%d", way.records)
		if err := generate(in, gen.Options{Seed: 5, Lines: way.records}); err != nil {
			return err
		}
		if way.script == "" {
			way.script = way.name + " --quiet appended"
		}
		tools = append(tools, tool{name: way.name, script: way.script + " < " + in, before: "rm -f appended", inner: way.inner, amount: way.records,
			after: "cmp appended " + in})
	}
	tools[4].needs = "python3"
	var err error
	r.appends, err = b.alternate(b.rounds, tools...)
	return err
}
