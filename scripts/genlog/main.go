// Genlog makes logs like the Python producer's, with chosen damage in known
// places, and tells the truth about it.
//
//	go run ./scripts/genlog --size 512MiB > big.ndjson
//	go run ./scripts/genlog --records 1000 --damage glued_records=3 --damage nul_bytes=2 --truth truth.ndjson > damaged.ndjson
//	go run ./scripts/genlog --records 1000 --all-damage 2 --out damaged.ndjson
//	go run ./scripts/genlog --tree transcripts --files 10000 --size 5GB --truth truth.ndjson
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

type command struct {
	Size         string         `help:"End the log with the line that reaches this size: 512MiB, 1GB, 1048576." xor:"length" required:""`
	Records      int64          `help:"Write this many lines, damaged ones included." xor:"length" required:""`
	Seed         uint64         `help:"Choose among logs of the same description; the same seed gives the same bytes." default:"1"`
	LongLines    bool           `help:"Write lines of 4 to 5 KB, nested some forty levels deep."`
	Damage       map[string]int `help:"Damage so many lines. TYPE is a name as reports have it, or non_object." placeholder:"TYPE=COUNT"`
	AllDamage    int            `help:"Damage so many lines of every type that may stand in the middle, oversized_line excepted."`
	MaxLineBytes string         `help:"The limit that an oversized_line exceeds." default:"16MiB"`
	Start        string         `help:"Time of the first record: Unix seconds or RFC 3339."`
	Now          string         `help:"Time of the last record, likewise."`
	Span         time.Duration  `help:"Time from the first record to the last, where not both are given." default:"720h"`
	Truth        string         `help:"Write one JSON line for each damaged line to FILE: type, shape, line, offset, length, keep." placeholder:"FILE"`
	Tree         string         `help:"Make a tree of transcripts in the new folder DIR, of --size together, with the damage that users report of such unless --damage says otherwise." placeholder:"DIR"`
	Files        int            `help:"How many files a tree has." default:"1000"`
	Out          string         `help:"Write the log to FILE; standard output if not given." placeholder:"FILE"`
	ListDamage   bool           `help:"List the names that --damage takes, and end."`
}

func main() {
	var c command
	for _, arg := range os.Args[1:] {
		if arg == "--list-damage" {
			fmt.Println(strings.Join(gen.DamageNames(), "\n"))
			fmt.Println("of a tree:", strings.Join(gen.TreeDamageNames(), " "))
			return
		}
	}
	kong.Parse(&c, kong.Name("genlog"), kong.Description("Make a log like the producer's, with chosen damage in known places."))
	if err := c.run(os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "genlog:", err)
		os.Exit(1)
	}
}

func (c *command) run(stdout, stderr io.Writer) (err error) {
	opts, err := c.options()
	if err != nil {
		return err
	}
	out := stdout
	if c.Out != "" && c.Tree == "" {
		f, err2 := os.Create(c.Out)
		if err2 != nil {
			return err2
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	found := func(gen.Finding) error { return nil }
	if c.Truth != "" {
		f, err2 := os.Create(c.Truth)
		if err2 != nil {
			return err2
		}
		truth := bufio.NewWriter(f)
		defer func() { err = errors.Join(err, truth.Flush(), f.Close()) }()
		found = gen.WriteTruth(truth)
	}
	var sum gen.Summary
	if c.Tree != "" {
		o := gen.TreeOptions{Seed: c.Seed, Files: c.Files, Bytes: opts.Size, Damage: c.Damage}
		if o.Damage == nil {
			o.Damage = gen.DefaultTreeDamage(c.Files)
		}
		sum, err = gen.Tree(c.Tree, o, found)
	} else {
		sum, err = gen.Generate(out, opts, found)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s lines, %s, %d of them damaged\n",
		humanize.Comma(sum.Lines), humanize.IBytes(uint64(sum.Bytes)), sum.Damaged)
	return nil
}

func (c *command) options() (gen.Options, error) {
	o := gen.Options{Seed: c.Seed, Lines: c.Records, Long: c.LongLines, Damage: map[string]int{}, Span: c.Span.Seconds()}
	if c.AllDamage > 0 {
		for _, name := range gen.DamageNames() {
			o.Damage[name] = c.AllDamage
		}
		for _, name := range []string{"oversized_line", "byte_order_mark", "truncated_line", "missing_newline"} {
			delete(o.Damage, name)
		}
	}
	for name, n := range c.Damage {
		o.Damage[name] = n
	}
	if c.Size != "" {
		n, err := cli.ParseSize(c.Size)
		if err != nil {
			return o, fmt.Errorf("read --size: %w", err)
		}
		o.Size = int64(n)
	}
	limit, err := cli.ParseSize(c.MaxLineBytes)
	if err != nil {
		return o, fmt.Errorf("read --max-line-bytes: %w", err)
	}
	o.MaxLineBytes = int(limit)
	if o.Start, err = seconds(c.Start); err != nil {
		return o, fmt.Errorf("read --start: %w", err)
	}
	if o.End, err = seconds(c.Now); err != nil {
		return o, fmt.Errorf("read --now: %w", err)
	}
	return o, nil
}

// seconds reads a point in time; "" is 0, which stands for the default.
func seconds(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%q is neither Unix seconds nor RFC 3339", s)
	}
	return float64(t.UnixNano()) / 1e9, nil
}
