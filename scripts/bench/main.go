// Bench measures the tools beside others on the same files, in one session, and
// writes docs/PERFORMANCE.md.
//
//	make bench
//	make bench BENCHFLAGS='--size 64MiB --rounds 3 --out -'
//
// It needs bash and the binaries in bin/ (make build). What is not installed is
// left out. The logs are generated, read once so that they are in the page
// cache, and removed at the end.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

type command struct {
	Size   string `help:"Size of each log." default:"512MiB"`
	Rounds int    `help:"How often each command runs; medians are shown." default:"5"`
	Out    string `help:"Write the figures to FILE, - for standard output." default:"docs/PERFORMANCE.md"`
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
	dir, err := os.MkdirTemp("", "papyra-bench.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	home, err := os.Getwd()
	if err != nil {
		return err
	}
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	b := &bench{home: home, size: int64(size), rounds: c.Rounds, progress: progress}
	r := report{size: uint64(size), rounds: c.Rounds, note: c.Note}
	// From here on all commands run where the logs are.
	for name, value := range map[string]string{"BENCH_HOME": home, "PATH": filepath.Join(home, "bin") + ":" + dir + ":" + os.Getenv("PATH"),
		"HALF": fmt.Sprintf("%ds", time.Now().Unix()-gen.DefaultStart-gen.DefaultSpan/2)} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	defer func() { _ = os.Chdir(home) }() // a directory in use cannot be removed everywhere
	if r.machine, err = say(machine); err != nil {
		return err
	}
	for _, step := range []func(*report) error{b.scans, b.pairs, b.presets, b.appends, b.binaries} {
		if err := step(&r); err != nil {
			return err
		}
	}
	text := r.markdown()
	if c.Out == "-" {
		_, err = stdout.Write(text)
	} else {
		err = os.WriteFile(out, text, 0o644)
		fmt.Fprintf(stdout, "%s\n", text)
	}
	if missed := r.missed(); err == nil && c.Check && missed > 0 {
		return fmt.Errorf("%d targets are missed", missed)
	}
	return err
}

// bench is what all measurements share.
type bench struct {
	home     string // of the sources
	size     int64  // of each log, in bytes
	rounds   int
	progress io.Writer
}

// machine describes where the figures come from: the kind, not the place, and
// which of the ways of the check it takes.
const machine = `cd "$BENCH_HOME"
echo "$(go env GOOS)/$(go env GOARCH), $(getconf _NPROCESSORS_ONLN) cores"
sed -n 's/^model name[^:]*: /; /p' /proc/cpuinfo | head -n 1
for f in avx512_vbmi2 avx2 asimd; do if grep -qw $f /proc/cpuinfo; then echo " with $f"; break; fi; done
awk '/^MemTotal/ {printf "; %.0f GiB memory\n", $2 / 1048576}' /proc/meminfo
echo "; kernel $(uname -r | cut -d - -f 1); $(go env GOVERSION)"`

// generate makes a log.
func generate(path string, o gen.Options) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = gen.Generate(f, o, nil)
	return errors.Join(err, f.Close())
}

// sample returns the sample of a profile.
func (b *bench) sample(profile string) ([]byte, error) {
	return os.ReadFile(filepath.Join(b.home, "testdata", "profiles", profile+".ndjson"))
}

// repeat writes text over and over until so many bytes are there.
func repeat(path string, text []byte, size int64) error {
	f, err := os.Create(path)
	for n := 0; err == nil && int64(n) < size; n += len(text) {
		_, err = f.Write(text)
	}
	return errors.Join(err, f.Close())
}

// repeated are the flags for such a log: where it begins again, time goes back.
func repeated(profile string) string { return " --max-skew 36500d --profile " + profile + " " }

// binaries weighs the programs.
func (b *bench) binaries(r *report) error {
	files, err := filepath.Glob(filepath.Join(b.home, "bin", "papyra*"))
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		r.targets = append(r.targets, target{"Size of " + info.Name(), "< 10 MB", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), info.Size() < 10e6})
	}
	return err
}
