package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScan holds the scanner against encoding/json, and the fast path against
// the scanner.
//
// Two differences are meant: the scanner notes NaN and Infinity instead of
// refusing them, and notes text that is not UTF-8, which encoding/json mends.
func FuzzScan(f *testing.F) {
	for _, line := range append(fastLines, oddLines...) {
		f.Add([]byte(line), uint8(0))
		f.Add([]byte(line), uint8(40))
	}
	f.Fuzz(func(t *testing.T, line []byte, n uint8) {
		standard(t, line)
		agree(t, line)
		linesAgree(t, new(Lines), line)
		if len(line) > 0 {
			agree(t, []byte(shifted(string(line), int(n))))
		}
	})
}

// FuzzLayouts has a line follow on others, which were learnt.
func FuzzLayouts(f *testing.F) {
	for i, line := range append(fastLines, oddLines...) {
		f.Add([]byte(fastLines[i%len(fastLines)]), []byte(line))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		const window = 64 * maxWords
		learnt := bytes.Repeat(append(first, '\n'), 2+window/(len(first)+1))
		pad := bytes.Repeat([]byte(fastLines[0]+"\n"), 2)
		linesAgree(t, new(Lines), slices.Concat(learnt, second, []byte("\n"), pad))
	})
}

// standard holds the scanner against encoding/json.
func standard(t testing.TB, text []byte) {
	t.Helper()
	var r Result
	ok := fieldSets[0].Scan(text, 0, 10000, &r)
	valid := json.Valid(text)
	if got := ok && !r.Notes.Has(NonstandardNumber); got != valid {
		t.Fatalf("%q: well formed %v, encoding/json says %v: %+v", text, got, valid, r)
	}
	if valid {
		if utf8.Valid(text) == r.Notes.Has(InvalidUTF8) {
			t.Fatalf("%q: UTF-8 %v, but noted: %+v", text, utf8.Valid(text), r)
		}
		if object := bytes.TrimLeft(text, " \t\r\n")[0] == '{'; object != r.Object {
			t.Fatalf("%q: object %v: %+v", text, object, r)
		}
		return
	}
	var v any
	var syntax *json.SyntaxError
	if ok || r.Code == TooDeep || r.Notes.Has(NonstandardNumber) || bytes.Contains(text, []byte("-I")) {
		return
	}
	if err := json.Unmarshal(text, &v); errors.As(err, &syntax) && int(syntax.Offset) != min(r.At+1, len(text)) {
		t.Fatalf("%q: refused at %d (code %d), encoding/json says %d: %v", text, r.At, r.Code, syntax.Offset-1, err)
	}
}

// oddLines are what the fast path leaves to the scanner, well formed or not.
var oddLines = []string{
	`{"kind":"event","timestamp":NaN}`, `{"kind":"ev{"kind":"event","timestamp":1}`, `[1,2,{"a":[]}]`, `"x"`, `-`, `01`, `1.`, `1e`, `{"a":tru}`,
	"{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":"\u12g4"}`, `{"a":1,}`, `{,}`, `[1,]`, `{"a" 1}`, ` {} `, `{}{}`, `{"kind":"event","timestamp":1}{"kind":"audit","timestamp":2}`,
	`-Infinity`, `-Inf`, `{"a":-}`, `{"\u006bind":"event"}`, "\xef\xbb\xbf{}", `{"a":"\`, `{"a":"\x"}`, `{"a": {"b": 1}, "a": {"\u0062": [2]}, "a": {}}`,
	strings.Repeat("[", 70) + strings.Repeat("]", 70), "{\r\n\t\"kind\" : 1 , \"kind\" : 2 }", `{"a":1e5,"b":-0.0E+1,"c":100000000000000000000000}`, ``, ` `,
}

// TestScanAgreesWithEncodingJSON changes, drops and doubles every byte.
func TestScanAgreesWithEncodingJSON(t *testing.T) {
	for _, line := range append(fastLines, oddLines...) {
		for i := range len(line) {
			standard(t, []byte(line[:i]))
			for _, change := range changes {
				standard(t, []byte(line[:i]+change+line[i+1:]))
				standard(t, []byte(line[:i]+change+line[i:]))
			}
		}
		standard(t, []byte(line))
	}
}
