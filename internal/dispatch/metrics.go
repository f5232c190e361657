package dispatch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/cli"
)

// counters are the counters in the order and with the names of the Python tool.
var counters = []string{
	"records_written", "bytes_written", "reads", "scans", "anomalies_detected", "recoveries", "compactions",
	"write_errors", "scan_errors", "recovery_errors", "compaction_errors",
}

// MetricsCommand shows the counters that the steps keep.
type MetricsCommand struct {
	Textfile string `setting:"textfile" placeholder:"FILE" help:"Prometheus textfile that the steps write (scan --textfile FILE)."`
	JSON     bool   `name:"json" help:"Print one JSON object." group:"output"`
}

// Help is shown by --help.
func (*MetricsCommand) Help() string {
	return `Each step is a process of its own, so its counters last only if it writes them to a textfile; this command reads them
from there. Without a textfile, or before there is one, it shows the counters of this run, which are all zero.

Examples:

  papyra persistence scan --textfile papyra.prom events.ndjson
  papyra metrics persistence --textfile papyra.prom
  papyra metrics persistence --textfile papyra.prom --json | jq .anomalies_detected`
}

// Run prints the counters.
func (c *MetricsCommand) Run(env *cli.Env) error {
	values := make(map[string]int64, len(counters))
	source := "this run"
	if c.Textfile != "" {
		f, err := os.Open(c.Textfile)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("read counters: %w", err)
		default:
			defer f.Close()
			if err := readCounters(f, values); err != nil {
				return fmt.Errorf("read counters: %s: %w", c.Textfile, err)
			}
			source = c.Textfile
		}
	}
	if c.JSON {
		return c.json(env, values, source)
	}
	fmt.Fprintln(env.Stdout, "Persistence Metrics")
	for _, name := range counters {
		fmt.Fprintf(env.Stdout, "%s: %d\n", name, values[name])
	}
	return nil
}

func (c *MetricsCommand) json(env *cli.Env, values map[string]int64, source string) error {
	var b strings.Builder
	b.WriteString(`{"schema":1,"source":`)
	quoted, err := json.Marshal(source)
	if err != nil {
		return fmt.Errorf("print counters: %w", err)
	}
	b.Write(quoted)
	for _, name := range counters {
		fmt.Fprintf(&b, ",%q:%d", name, values[name])
	}
	b.WriteString("}\n")
	_, err = io.WriteString(env.Stdout, b.String())
	return err
}

// readCounters adds up the samples papyra_NAME and papyra_NAME_total of a file in the Prometheus text format. Other samples are
// skipped, so that the file may be one that other programs write to as well.
func readCounters(r io.Reader, values map[string]int64) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, err := sample(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		key, ours := strings.CutPrefix(name, "papyra_")
		key = strings.TrimSuffix(key, "_total")
		if !ours || !known(key) {
			continue
		}
		if value < 0 || value > math.MaxInt64/2 || value != math.Trunc(value) {
			return fmt.Errorf("line %d: %s is %v, not a count", n, name, value)
		}
		values[key] += int64(value)
	}
	return scan.Err()
}

func known(key string) bool {
	for _, c := range counters {
		if c == key {
			return true
		}
	}
	return false
}

// sample splits `name{labels} value [timestamp]`. Label values may hold blanks and braces, in quotes.
func sample(line string) (name string, value float64, err error) {
	end := strings.IndexAny(line, "{ \t")
	if end < 0 {
		return "", 0, errors.New("no value")
	}
	name, rest := line[:end], line[end:]
	if rest[0] == '{' {
		quoted := false
		for i := 1; ; i++ {
			if i == len(rest) {
				return "", 0, errors.New("labels do not end")
			}
			if quoted && rest[i] == '\\' && i+1 < len(rest) {
				i++
				continue
			}
			if rest[i] == '"' {
				quoted = !quoted
			}
			if rest[i] == '}' && !quoted {
				rest = rest[i+1:]
				break
			}
		}
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 || len(fields) > 2 {
		return "", 0, errors.New("no value")
	}
	value, err = strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return "", 0, fmt.Errorf("bad value %q", fields[0])
	}
	return name, value, nil
}
