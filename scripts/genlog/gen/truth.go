package gen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"encoding/json"
)

// Finding is the truth about one damaged line.
type Finding struct {
	// Path is that of the file below the folder of a tree, with slashes.
	Path string `json:"path,omitempty"`
	// Type is what reports call it.
	Type string `json:"type"`
	// Shape names the form of the damage: this package's word, for a person who
	// looks at a mismatch.
	Shape string `json:"shape"`
	// Line counts from 1.
	Line int64 `json:"line"`
	// Offset is where the line starts, in bytes from the start of the log.
	Offset int64 `json:"offset"`
	// Length is how many bytes the line has, without its newline.
	Length int64 `json:"length"`
	// Keep are the records that repair keeps, each as a line of its own, in
	// bytes from the start of the log. It is empty where the line is dropped.
	Keep []Range `json:"keep"`
}

// Range is a range of bytes.
type Range struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// WriteTruth returns a function for Generate and Tree that writes each finding
// to w as a line of JSON.
func WriteTruth(w io.Writer) func(Finding) error {
	return func(f Finding) error {
		if f.Keep == nil {
			f.Keep = []Range{}
		}
		line, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("encode finding: %w", err)
		}
		_, err = w.Write(append(line, '\n'))
		return err
	}
}

// ReadTruth reads what WriteTruth wrote.
func ReadTruth(r io.Reader) ([]Finding, error) {
	var all []Finding
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var f Finding
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return nil, fmt.Errorf("read truth: line %d: %w", len(all)+1, err)
		}
		all = append(all, f)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return all, nil
}

// Repaired returns what a repair with its default flags makes of log: undamaged
// lines as they are, and of each damaged line what its finding says is kept.
func Repaired(log []byte, truth []Finding) ([]byte, error) { return repaired(log, truth, false) }

// Rejoined is Repaired with --rejoin.
func Rejoined(log []byte, truth []Finding) ([]byte, error) { return repaired(log, truth, true) }

func repaired(log []byte, truth []Finding, rejoin bool) ([]byte, error) {
	out := make([]byte, 0, len(log)+1)
	at := int64(0)
	for _, f := range truth {
		end := f.Offset + f.Length
		if f.Offset < at || end > int64(len(log)) {
			return nil, errors.New("repair by the truth: the findings are not this log's")
		}
		out = append(out, log[at:f.Offset]...)
		if rejoin && f.Type == "split_record" {
			out = append(append(out, bytes.ReplaceAll(log[f.Offset:end], []byte("\n"), []byte(`\n`))...), '\n')
		}
		for _, k := range f.Keep {
			out = append(append(out, log[k.Offset:k.Offset+k.Length]...), '\n')
		}
		at = min(end+1, int64(len(log)))
	}
	return append(out, log[at:]...), nil
}
