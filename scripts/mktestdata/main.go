// Mktestdata writes what is generated of testdata: the damaged logs with the
// truth about each, and the corpus. Run it by `make testdata`. The same bytes
// come out every time.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

func main() {
	files, err := generated()
	for name, data := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join("testdata", name), data, 0o644))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mktestdata:", err)
		os.Exit(1)
	}
}

// counts are the numbers of damaged lines where one of each form would be too
// few or make the file large.
var counts = map[string]int{
	"byte_order_mark": 1, "truncated_line": 1, "missing_newline": 1, "timestamp_regression": 2, "carriage_return": 2, "too_deep": 1,
	"corrupted_line": 27, "non_object": 6, "invalid_utf8": 9, "nul_bytes": 7, "oversized_line": 3, "lone_surrogate": 5, "missing_kind": 5, "missing_timestamp": 5,
	"unreadable_by_producer": 2, "glued_records": 6, "conflict_marker": 5,
}

// generated makes the files, by their names below testdata.
func generated() (map[string][]byte, error) {
	files, err := corpusFiles()
	if err != nil {
		return nil, err
	}
	add := func(name string, lines int, damage map[string]int) error {
		var log, truth bytes.Buffer
		o := gen.Options{Seed: 1, Lines: int64(lines), Damage: damage}
		if damage["oversized_line"] > 0 {
			o.MaxLineBytes = 1 << 10
		}
		if _, err := gen.Generate(&log, o, gen.WriteTruth(&truth)); err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		files["logs/"+name+".ndjson"], files["logs/"+name+".truth.ndjson"] = log.Bytes(), truth.Bytes()
		return nil
	}
	mixed := map[string]int{}
	for _, name := range gen.DamageNames() {
		n := counts[name]
		if n == 0 {
			n = 4
		}
		if err := add(name, 2*n+2, map[string]int{name: n}); err != nil {
			return nil, err
		}
		if name != "missing_newline" && name != "oversized_line" {
			mixed[name] = 1
		}
	}
	return files, add("mixed", 60, mixed)
}
