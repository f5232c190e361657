package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// file is one test log.
type file struct {
	name  string // below testdata/logs
	word  string // what is wrong with it
	data  []byte
	truth []byte // nil if there is none
}

// canonical are the lines that the format's description shows, one of each
// kind.
const canonical = `{"kind": "event", "system_id": "local", "actor_address": "local://1", "event_type": "UserCreated", "payload": {"id": 42}, "timestamp": 1710000000.123}
{"kind": "audit", "system_id": "local", "timestamp": 1710000001.456, "total_actors": 3, "alive_actors": 2, "stopping_actors": 1, "restarting_actors": 0, "registry_size": 3, "registry_orphans": [], "registry_dead": [], "dead_letters_count": 4}
{"kind": "dead_letter", "system_id": "local", "target": "local://1", "message_type": "str", "payload": "a", "timestamp": 1710000002.789}
{"kind": "metric", "timestamp": 1710000003.0, "name": "mailbox.depth", "value": 7}
`

// words say what each damage is.
var words = map[string]string{
	"byte_order_mark":        "begins with a UTF-8 byte order mark (warning)",
	"truncated_line":         "the last line is torn: no newline, no complete record",
	"missing_newline":        "the last record is complete, its newline is missing",
	"corrupted_line":         "lines that are no JSON, and JSON that is no object",
	"non_object":             "lines of JSON that are no objects: `corrupted_line`",
	"invalid_utf8":           "strings with bytes that are not UTF-8",
	"nul_bytes":              "runs of NUL bytes before, after, between, within and instead of records",
	"glued_records":          "torn fragments glued to whole records, and several records on a line",
	"conflict_marker":        "the lines that git leaves where two branches appended to a log",
	"nonstandard_number":     "`NaN`, `Infinity`, `-Infinity`, as Python writes them",
	"oversized_line":         "lines over a limit of 1 KiB (scan with `--max-line-bytes 1KiB`); healthy with the default limit, but for one",
	"too_deep":               "a line nested deeper than 10,000",
	"missing_kind":           "no `kind`, or one that is no string",
	"unknown_kind":           "a `kind` that is none of the four",
	"missing_timestamp":      "no `timestamp`, or one that is no number",
	"timestamp_regression":   "a record over a minute older than the one before it (warning)",
	"duplicate_key":          "`kind` or `timestamp` twice (warning); the last one counts",
	"lone_surrogate":         "escapes of half a surrogate pair (warning)",
	"unreadable_by_producer": "valid JSON that Python refuses: nested too deep, an integer of 4,301 digits (warning)",
	"blank_line":             "lines of white space (warning)",
	"carriage_return":        "lines that end in CR LF (warning)",
}

// counts are the numbers of damaged lines where one of each form would be too
// few or make the file large.
var counts = map[string]int{
	"byte_order_mark": 1, "truncated_line": 1, "missing_newline": 1, "timestamp_regression": 2, "carriage_return": 2, "too_deep": 1,
	"corrupted_line": 27, "non_object": 6, "invalid_utf8": 9, "nul_bytes": 7, "oversized_line": 3, "lone_surrogate": 5, "missing_kind": 5, "missing_timestamp": 5,
	"unreadable_by_producer": 2, "glued_records": 6, "conflict_marker": 5,
}

// logs makes all test logs.
func logs() ([]file, error) {
	files := append(healthyLogs(), oddLogs()...)
	everything := map[string]int{"truncated_line": 1, "byte_order_mark": 1}
	for _, name := range gen.DamageNames() {
		n := counts[name]
		if n == 0 {
			n = 4
		}
		f, err := generated(name+".ndjson", words[name], gen.Options{Lines: int64(2*n + 2), Damage: map[string]int{name: n}})
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		if name != "missing_newline" && name != "oversized_line" {
			everything[name] = 1
		}
	}
	mixed, err := generated("mixed.ndjson", "one line of each damage, but for `missing_newline` and `oversized_line`",
		gen.Options{Lines: 60, Damage: everything})
	if err != nil {
		return nil, err
	}
	files = append(files, mixed)
	rotated, err := rotatedSets()
	return append(files, rotated...), err
}

func generated(name, word string, o gen.Options) (file, error) {
	var log, truth bytes.Buffer
	o.Seed = 1
	if o.Damage["oversized_line"] > 0 {
		o.MaxLineBytes = 1 << 10
	}
	if _, err := gen.Generate(&log, o, gen.WriteTruth(&truth)); err != nil {
		return file{}, fmt.Errorf("make %s: %w", name, err)
	}
	return file{name, word, log.Bytes(), truth.Bytes()}, nil
}

func healthyLogs() []file {
	text := func(name, word, data string) file { return file{name: name, word: word, data: []byte(data)} }
	return []file{
		text("healthy.ndjson", "nothing: one record of each kind", canonical),
		text("minimal.ndjson", "nothing: the smallest complete record", `{"kind":"event","timestamp":1}`+"\n"),
		text("empty.ndjson", "nothing: no bytes at all", ""),
		text("preserve.ndjson", "nothing: spacing, key order, escapes, big integers, exponents and doubled keys that must survive as they are",
			"{\"timestamp\":1e3,\"kind\":\"event\",\"n\":123456789012345678901234567890,\"f\":1.10,\"e\":-0.0E+2}\n"+
				"\t{ \"kind\" : \"metric\" ,\t\"timestamp\" : 1001 , \"value\" : 1E400 }  \n"+
				"{\"kind\":\"event\",\"timestamp\":1002,\"a\":1,\"a\":2,\"\":{},\"\\u0000\":\"\\ud83d\\ude80\\/\\b\"}\n"+
				"{\"\\u006bind\":\"\\u0065vent\",\"timestamp\":1003,\"text\":\"\u2028\u007f\U0001F680\ufeff\"}\n"),
	}
}

func oddLogs() []file {
	var every []byte
	for i := range 4096 {
		every = append(every, byte(i*7+i/256))
	}
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(canonical)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	lines := strings.SplitAfter(canonical, "\n")
	return []file{
		{name: "nuls.ndjson", word: "8 KiB of NUL bytes and nothing else", data: make([]byte, 8192)},
		{name: "binary.ndjson", word: "no log at all: 4 KiB of every byte", data: every},
		{name: "utf16.ndjson", word: "the healthy log in UTF-16, as a Windows editor saves it", data: wide},
		{name: "hostile.ndjson", word: "terminal escapes and bidi overrides within a record, in a torn line, as kind and as a key", data: []byte(lines[0] +
			"{\"kind\": \"event\", \"timestamp\": 1710000001, \"payload\": \"\u202egnp.exe\u2066\"}\n" +
			"\x1b]0;owned\x07\x1b[2J\x1b[31mPersistence is healthy\n" +
			"{\"kind\": \"\\u001b[2J::error::x\", \"timestamp\": 1710000002}\n" +
			"{\"kind\": \"event\", \"timestamp\": 1710000003, \"event_type\": \"</script><img src=x onerror=alert(1)>%0A::error::\"}\n" +
			"{\"kind\": \"event\", \"\u009b31m\": \"\u202e\n")},
		{name: "half_healthy.ndjson", word: "the healthy log, cut in the middle of its last line", data: []byte(canonical[:len(canonical)-20])},
	}
}

// rotatedSets are logs with older parts beside them.
func rotatedSets() ([]file, error) {
	part := func(from, seed int) []byte {
		var b bytes.Buffer
		o := gen.Options{Seed: uint64(seed), Lines: 20, Start: float64(from), End: float64(from + 3600)}
		_, _ = gen.Generate(&b, o, nil) // a buffer takes everything
		return b.Bytes()
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write(part(1710003600, 3)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, err
	}
	zst := enc.EncodeAll(part(1710000000, 4), nil)
	newest, first := part(1710010800, 1), part(1710007200, 2)
	return []file{
		{name: "rotated/events.ndjson", word: "nothing: the newest part of a rotated set", data: newest},
		{name: "rotated/events.ndjson.1", word: "nothing: the part before it", data: first},
		{name: "rotated/events.ndjson.2.gz", word: "nothing: older, gzip", data: gz.Bytes()},
		{name: "rotated/events.ndjson.3.zst", word: "nothing: the oldest, zstd", data: zst},
		{name: "rotation_gap/events.ndjson", word: "nothing; but of its set, `.2` is missing", data: newest},
		{name: "rotation_gap/events.ndjson.1", word: "nothing", data: first},
		{name: "rotation_gap/events.ndjson.3", word: "nothing; the part behind the gap", data: part(1710000000, 4)},
		{name: "interrupted/events.ndjson", word: "nothing; but a killed compaction of the producer left a file beside it", data: []byte(canonical)},
		{name: "interrupted/events.ndjson.compact.tmp", word: "what it left: half a record", data: []byte(canonical[:90])},
		{name: "compressed/cut.ndjson.gz", word: "a gzip file of which the last 200 bytes are missing", data: gz.Bytes()[:gz.Len()-200]},
	}, nil
}
