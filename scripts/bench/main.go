// Bench measures the tools beside others on the same files, in one session, and
// writes docs/PERFORMANCE.md.
//
//	make bench
//	make bench BENCHFLAGS='--size 64MiB --rounds 3 --out -'
//
// It needs the binaries in bin/ (make build). What is not installed is left
// out, with the reason. The logs are generated, read once so that they are in
// the page cache, and removed at the end.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

type command struct {
	Size   string `help:"Size of each log." default:"512MiB"`
	Rounds int    `help:"How often each command runs; medians are shown." default:"5"`
	Out    string `help:"Write the figures to FILE, - for standard output." default:"docs/PERFORMANCE.md"`
	Dir    string `help:"Keep the logs in DIR while it runs; the system's temporary directory if not given."`
	Note   string `help:"Say this about the session below the description of the machine."`
	Check  bool   `help:"Fail if a target is missed."`
}

func main() {
	var c command
	kong.Parse(&c, kong.Name("bench"), kong.Description("Measure the tools beside others and write docs/PERFORMANCE.md."))
	if err := c.run(os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (c *command) run(stdout, progress io.Writer) error {
	size, err := cli.ParseSize(c.Size)
	if err != nil {
		return fmt.Errorf("read --size: %w", err)
	}
	dir, err := os.MkdirTemp(c.Dir, "papyra-bench.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	p := &peers{bin: bin, work: dir}
	p.compileSimdjson(filepath.Join("scripts", "bench", "peers", "simdjson.cpp"))

	r := report{size: uint64(size), rounds: c.Rounds, machine: machine(), note: c.Note}
	for _, log := range []logKind{
		{"Papyra-like log, lines of 100 to 600 bytes", "papyra", gen.Options{Seed: 1, Size: int64(size)}, ""},
		{"Long lines, 4 to 5 KB, nested some forty levels deep", "long", gen.Options{Seed: 1, Size: int64(size), Profile: gen.Long}, ""},
		{"Caddy, the sample of testdata/profiles repeated", "caddy", gen.Options{Size: int64(size)}, "caddy"},
		{"Docker, the sample of testdata/profiles repeated", "docker", gen.Options{Size: int64(size)}, "docker"},
		{"Pino, the sample of testdata/profiles repeated", "pino", gen.Options{Size: int64(size)}, "pino"},
	} {
		results, err := readAll(p, filepath.Join(dir, log.name+".ndjson"), log, c.Rounds, progress)
		if err != nil {
			return err
		}
		r.scans = append(r.scans, scanTable{log.title, results})
		if log.name == "papyra" {
			if r.pairs, err = comparePairs(p, filepath.Join(dir, "papyra.ndjson"), int64(size), c.Rounds, progress); err != nil {
				return err
			}
			if r.profiles, err = profiles(p, filepath.Join(dir, "papyra.ndjson")); err != nil {
				return err
			}
		}
	}
	if r.presets, err = presetScans(p, filepath.Join("testdata", "profiles"), int64(size), c.Rounds, progress); err != nil {
		return err
	}
	if r.appends, err = appends(p, c.Rounds, progress); err != nil {
		return err
	}
	if r.binaries, err = binaries(p, progress); err != nil {
		return err
	}
	text := r.markdown()
	if c.Out == "-" {
		_, err = stdout.Write(text)
	} else {
		err = os.WriteFile(c.Out, text, 0o644)
		fmt.Fprintf(stdout, "%s\n", text)
	}
	if missed := r.missed(); err == nil && c.Check && missed > 0 {
		return fmt.Errorf("%d targets are missed", missed)
	}
	return err
}

// What the slow readers get of a log, at most, in bytes.
const (
	pythonBytes = 128 << 20
	jqBytes     = 32 << 20
)

// logKind is a log that is read as a whole.
type logKind struct {
	title, name string
	options     gen.Options
	sample      string // the profile whose sample is repeated, instead of a generated log
}

// make writes the log and returns its size.
func (k logKind) make(file string) (int64, error) {
	if k.sample == "" {
		if err := write(file, k.options); err != nil {
			return 0, err
		}
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	text, err := os.ReadFile(filepath.Join("testdata", "profiles", k.sample+".ndjson"))
	if err != nil {
		return 0, err
	}
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	var size int64
	for err == nil && size < k.options.Size {
		var n int
		n, err = f.Write(text)
		size += int64(n)
	}
	return size, errors.Join(err, f.Close())
}

// readAll makes the log and its parts, reads it once, and runs all readers over
// it in turn.
func readAll(p *peers, file string, log logKind, rounds int, progress io.Writer) ([]result, error) {
	size, err := log.make(file)
	if err != nil {
		return nil, err
	}
	python, jq := part{file: file + ".python"}, part{file: file + ".jq"}
	if python.size, err = cut(file, python.file, min(size, pythonBytes)); err != nil {
		return nil, err
	}
	if jq.size, err = cut(file, jq.file, min(size, jqBytes)); err != nil {
		return nil, err
	}
	if err := warm(file); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%s: %s\n", filepath.Base(file), humanize.IBytes(uint64(size)))
	tools, sizes := p.readers(file, log.sample, size, python, jq)
	return alternate(tools, sizes, rounds, progress)
}

// cut copies the beginning of a log, whole lines only and n bytes at most. It
// goes line by line: what this process occupies shows in what it measures of
// others.
func cut(from, to string, n int64) (size int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	lines := bufio.NewReaderSize(io.LimitReader(in, n), 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return size, nil // what is left is half a line
		}
		if err != nil {
			return size, err
		}
		k, err := out.Write(line)
		size += int64(k)
		if err != nil {
			return size, err
		}
	}
}

// warm reads the file once, so that it is in the page cache.
func warm(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(onlyWriter{io.Discard}, f, make([]byte, 1<<20))
	return err
}

type onlyWriter struct{ io.Writer }
