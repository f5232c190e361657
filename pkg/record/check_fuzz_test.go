package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/pkg/record"
)

// FuzzCheck holds the check against encoding/json: a line is a record without
// nonstandard numbers exactly if it is valid JSON in UTF-8 and an object, and
// a line that is refused is refused at the same byte.
func FuzzCheck(f *testing.F) {
	for _, s := range checkSeeds {
		f.Add([]byte(s))
	}
	c := record.NewChecker(record.Options{})
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.IndexByte(line, '\n') >= 0 {
			return
		}
		r := c.Check(line, 0)
		valid := json.Valid(line)
		object := valid && bytes.TrimLeft(line, " \t\r\n")[0] == '{'
		want := object && utf8.Valid(line)
		got := r.IsRecord() && !r.Faults.Has(record.NonstandardNumber)
		if got != want {
			t.Fatalf("%q: record %v, but valid %v, object %v, UTF-8 %v (%+v)", line, got, valid, object, utf8.Valid(line), r)
		}
		if !valid && r.Fault == record.CorruptedLine && r.Faults == record.Set(0).With(record.CorruptedLine) {
			var v any
			err := json.Unmarshal(line, &v)
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) && int(syntax.Offset) != min(int(r.At)+1, len(line)) &&
				!bytes.Contains(line, []byte("NaN")) && !bytes.Contains(line, []byte("Infinity")) {
				t.Fatalf("%q: refused at %d (%s), encoding/json says %d: %v", line, r.At, r.Explain(line), syntax.Offset-1, err)
			}
		}
		// Whatever is salvaged is a sound record by itself.
		for _, span := range c.Salvage(line, 0) {
			s := c.Check(line[span.Start:span.End], 0)
			if !s.IsRecord() || !s.Kind.Known() || !s.HasTimestamp {
				t.Fatalf("%q: salvaged %q: %+v", line, line[span.Start:span.End], s)
			}
		}
	})
}

var checkSeeds = []string{
	`{"kind": "event", "timestamp": 1}`,
	`{"kind":"event","timestamp":1710000000.123456789,"payload":{"a":[1,-2.5e-3,true,false,null,"é\u00e9😀\ud83d\ude00"]}}`,
	`{"kind":"event","timestamp":NaN}`, `{"kind":"ev{"kind":"event","timestamp":1}`, `[1,2,{"a":[]}]`, `"x"`, `-`, `01`, `1.`, `1e`, `{"a":tru}`,
	"{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":"\u12g4"}`, `{"a":1,}`, `{,}`, `[1,]`, `{"a" 1}`, ` {} `, `{}{}`, `{"kind":"event","timestamp":1}{"kind":"audit","timestamp":2}`,
	`-Infinity`, `-Inf`, `{"a":-}`, `{"\u006bind":"event"}`, "\xef\xbb\xbf{}", `{"a":"\`, `{"a":"\x"}`,
}
