package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/goccy/go-json"
)

// tally is what became of the records that writers appended: each writer counts
// its own from 1.
type tally struct {
	seen     map[string]int    // records of each writer
	lost     int               // below the number that the writer is known to have reached, and not there
	twice    int               // there more than once
	disorder int               // after a record of the same writer with a higher number
	torn     int               // lines that are neither a record of a writer nor one of those that may be there
	marks    map[string][]bool // which records of each writer are there
	moved    map[string]int    // the part of disorder that each writer has
	notes    []string          // the first few of what is wrong
}

// tallyFile reads the log at path. reached says how far each writer came; a
// writer that is not in it must not be in the log. A line for which mayBe
// answers true is passed over.
func tallyFile(path string, reached map[string]int, mayBe func(line []byte) bool) (*tally, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return tallyBytes(data, reached, mayBe), nil
}

func tallyBytes(data []byte, reached map[string]int, mayBe func([]byte) bool) *tally {
	t := &tally{seen: map[string]int{}, moved: map[string]int{}}
	t.marks = map[string][]bool{}
	last := map[string]int{}
	for line := range bytes.Lines(data) {
		if mayBe != nil && mayBe(line) {
			continue
		}
		var r struct {
			W string `json:"w"`
			N int    `json:"n"`
		}
		body, whole := bytes.CutSuffix(line, []byte("\n"))
		max, known := 0, false
		if whole && json.Valid(body) && json.Unmarshal(body, &r) == nil {
			max, known = reached[r.W]
		}
		if !known || r.N < 1 || r.N > max {
			t.torn++
			t.note("not a record that was appended: %.80q", line)
			continue
		}
		if t.marks[r.W] == nil {
			t.marks[r.W] = make([]bool, max+1)
		}
		switch {
		case t.marks[r.W][r.N]:
			t.twice++
			t.note("twice: %s %d", r.W, r.N)
		case r.N < last[r.W]:
			t.disorder++
			t.moved[r.W]++
			t.note("%s %d comes after %d", r.W, r.N, last[r.W])
		}
		t.marks[r.W][r.N] = true
		last[r.W] = r.N
		t.seen[r.W]++
	}
	for w, max := range reached {
		for n := 1; n <= max; n++ {
			if t.marks[w] == nil || !t.marks[w][n] {
				t.lost++
				t.note("lost: %s %d of %d", w, n, max)
			}
		}
	}
	return t
}

// has reports whether record n of a writer is there.
func (t *tally) has(writer string, n int) bool {
	return n < len(t.marks[writer]) && t.marks[writer][n]
}

func (t *tally) note(format string, args ...any) {
	if len(t.notes) < 12 {
		t.notes = append(t.notes, fmt.Sprintf(format, args...))
	}
}

// beside forgives records out of order if runs were refused: a rewrite that is
// taken back lets writers that waited into the new file, and others into the
// old one meanwhile.
func (t *tally) beside(refused int) *tally {
	if refused > 0 {
		t.disorder = 0
	}
	return t
}

// err is nil if every record is there once, whole and in order.
func (t *tally) err() error {
	if t.lost+t.twice+t.disorder+t.torn == 0 {
		return nil
	}
	return errors.New(t.String() + "\n\t" + strings.Join(t.notes, "\n\t"))
}

// String gives the numbers in one line.
func (t *tally) String() string {
	total := 0
	var writers []string
	for w, n := range t.seen {
		total += n
		writers = append(writers, w)
	}
	sort.Strings(writers)
	return fmt.Sprintf("%d records of %d writers: %d lost, %d twice, %d torn, %d out of order",
		total, len(writers), t.lost, t.twice, t.torn, t.disorder)
}

// garbage are the lines that the tests put into logs so that a repair has
// something to do.
var garbage = [][]byte{[]byte("garbage{\n"), []byte("{\"kind\":\"event\",\n"), []byte("\n")}

// isGarbage knows them again.
func isGarbage(line []byte) bool {
	for _, g := range garbage {
		if bytes.Equal(line, g) {
			return true
		}
	}
	return false
}
