package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// tornCase is one log of the corpus. Bytes are in base64 in its JSON.
type tornCase struct {
	ID     string   `json:"id"`
	Input  []byte   `json:"input_base64"`
	Whole  [][]byte `json:"whole"`
	Labels []string `json:"labels"`
}

// perDamage is how many cases there are of what the generator can do to a log.
const perDamage = 30

// tornRecords are cut at each of their bytes. They hold what makes that hard:
// escaped quotes, an object within, characters of several bytes, a text that
// looks like a record.
var tornRecords = []string{
	`{"kind":"event","timestamp":1710000000.5,"payload":{"a":["x\"y",1],"b":{}}}`,
	`{"kind": "event", "timestamp": 1710000001, "payload": "é 日本 \ud83d\ude80 🚀"}`,
	`{"kind":"dead_letter","timestamp":1710000002,"payload":"{\"kind\":\"event\",\"timestamp\":1}"}`,
	`{"timestamp":17e8,"payload":{"kind":"metric","timestamp":2},"kind":"audit"}`,
}

// corpus makes the cases.
func corpus() ([]tornCase, error) {
	var all []tornCase
	add := func(id, input string, labels []string, whole ...string) {
		c := tornCase{ID: id, Input: []byte(input), Whole: [][]byte{}, Labels: labels}
		for _, w := range whole {
			c.Whole = append(c.Whole, []byte(w))
		}
		all = append(all, c)
	}
	for i, r := range tornRecords {
		next := tornRecords[(i+1)%len(tornRecords)]
		for k := 1; k < len(r); k++ {
			id := fmt.Sprintf("%d-%03d", i, k)
			add("cut-"+id, next+"\n"+r[:k], []string{"truncated_line", "cut"}, next)
			add("glued-"+id, r[:k]+next+"\n", []string{"glued_records", "fragment_and_record"}, next)
			add("split-"+id, r[:k]+next+"\n"+r[k:]+"\n", []string{"glued_records", "corrupted_line", "record_within_record"}, next)
		}
		add(fmt.Sprintf("two-%d", i), r+next+"\n", []string{"glued_records", "two_records"}, r, next)
	}
	for _, name := range gen.DamageNames() {
		if slices.Contains([]string{"oversized_line", "too_deep", "unreadable_by_producer"}, name) {
			continue // not small, or fine to whoever has no limit
		}
		for seed := range perDamage {
			var log bytes.Buffer
			var truth []gen.Finding
			keep := func(f gen.Finding) error { truth = append(truth, f); return nil }
			if _, err := gen.Generate(&log, gen.Options{Seed: uint64(seed + 1), Lines: 2, Damage: map[string]int{name: 1}}, keep); err != nil {
				return nil, fmt.Errorf("make a case of %s: %w", name, err)
			}
			repaired, err := gen.Repaired(log.Bytes(), truth)
			if err != nil {
				return nil, err
			}
			add(fmt.Sprintf("%s-%02d", name, seed), log.String(), []string{truth[0].Type, truth[0].Shape},
				strings.FieldsFunc(string(repaired), func(r rune) bool { return r == '\n' })...)
		}
	}
	return all, nil
}

// corpusFiles are the corpus and the page about it.
func corpusFiles() (map[string][]byte, error) {
	cases, err := corpus()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	whole := 0
	for _, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("encode case %s: %w", c.ID, err)
		}
		text.Write(append(line, '\n'))
		whole += len(c.Whole)
	}
	return map[string][]byte{"corpus/cases.ndjson": text.Bytes(), "corpus/README.md": fmt.Appendf(nil, corpusPage, len(cases), whole)}, nil
}

const corpusPage = `# Torn NDJSON

%d small logs in NDJSON, each damaged in a known way, for whoever reads or repairs such logs, in any language. They hold %d whole records.
` + "`make testdata`" + ` writes the same bytes anywhere. The licence is that of the project (MIT): use them as you like.

` + "`cases.ndjson`" + ` has a case on each line:

| member | |
|---|---|
| ` + "`id`" + ` | a name that stays |
| ` + "`input_base64`" + ` | the log, in base64, for it may hold any byte |
| ` + "`whole`" + ` | the records that are whole in it, in order, each in base64, byte for byte as they stand in the log, without newline |
| ` + "`labels`" + ` | what is wrong: types of [FORMAT.md](../../docs/FORMAT.md), and the form of the damage |

What is whole follows from how a case was made: it is what one writer wrote at once. A reader that says less is careful; one that says more
invents records, such as an object that was part of another. Some records have faults with which they are whole all the same (` + "`NaN`" + `, a
member that stands twice, an unknown kind).

` + "`cut-*`" + ` end in the middle of a record, ` + "`glued-*`" + ` go on behind such a fragment with a record, in ` + "`split-*`" + ` the rest of the first record follows
on the next line: two writers without a lock. Each record is cut at each of its bytes. The others are of the generator of logs in ` + "`scripts/genlog`" + `.

` + "`scripts/score`" + ` runs jq, gojq, Miller, Python and papyra-repair over the cases, as far as they are installed, and prints what each notices, saves,
loses and invents.
`
