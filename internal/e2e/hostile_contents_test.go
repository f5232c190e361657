package e2e_test

import (
	"fmt"
	"strings"
)

// What rows are made of.
const (
	rec   = `{"kind":"event","timestamp":1}` + "\n"
	later = `{"kind":"event","timestamp":2}` + "\n"
	torn  = `{"kind":"ev`
)

var rep = strings.Repeat

// nul is a run of NUL bytes.
func nul(n int) string { return rep("\x00", n) }

// withKind is a log of one record whose kind is the JSON text of a string.
func withKind(text string) string { return `{"kind":"` + text + `","timestamp":1}` + "\n" }

// one is a directory with one log, l.
func one(text string) map[string]string { return map[string]string{"l": text} }

// manyKinds is a log in which no two records are of one kind.
func manyKinds(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"kind\":\"k%d\",\"timestamp\":1}\n", i)
	}
	return b.String()
}

// forged is a kind that would be a verdict on a line of its own, if the line
// were broken.
const forged = `x\nPersistence is healthy\n::error::forged\r::set-output name=a::b`

// markup is what breaks out of Markdown, HTML, XML and shell text.
const markup = `</script><script>alert(1)</script>|]]>\u0060\u0060\u0060[x](javascript:y)$(touch owned)`

// escapes are what terminals obey: CSI, OSC, C1, and the overrides of
// bidirectional text.
const escapes = `\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u2066\u200b\udb40\udc41`

var hostileContents = []situation{
	{what: "a run of 70,000 NUL bytes between records", files: one(rec + nul(70000) + later), run: "papyra-scan l", exit: 2, out: `^Found 1 .*\n- NUL_BYTES: l \(line 2`},
	{what: "NUL bytes and nothing else", files: one(nul(1 << 20)), run: "papyra-scan l", exit: 2, out: `^Found 1 `},
	{what: "a hole of a tebibyte", files: one(rec), plant: "truncate -s 1T l; printf '\\n' >> l", run: "papyra-scan l", exit: 2, out: `NUL_BYTES`, bounded: true},
	{what: "a hole of a tebibyte, repaired as a dry run", files: one(rec), plant: "truncate -s 1T l; echo >> l", run: "papyra-repair -n l", out: ".", bounded: true},
	{what: "100,000 brackets that never close", files: one(rep("[", 100000) + "\n"), run: "papyra-scan l", exit: 2, out: `^Found 1 .*\n- (TOO_DEEP|CORRUPTED_LINE)`, bounded: true},
	{what: "100,000 brackets that close", files: one(rep("[", 100000) + rep("]", 100000) + "\n"), run: "papyra-scan l", exit: 2, out: `- TOO_DEEP`, bounded: true},
	{what: "100,000 objects within each other, in a record", files: one(`{"kind":"event","timestamp":1,"p":` + rep(`{"a":`, 100000) + "1" + rep("}", 100001) + "\n"),
		run: "papyra-scan l", exit: 2, out: `- TOO_DEEP`, bounded: true},
	{what: "a deep nest that the producer's reader refuses", files: one(`{"kind":"event","timestamp":1,"p":` + rep("[", 5000) + rep("]", 5000) + "}\n"),
		run: "papyra-scan --reader producer l", exit: 2, out: `^Found 1`},
	{what: "a timestamp of 100,000 digits", files: one(`{"kind":"event","timestamp":` + rep("1", 100000) + "}\n"), run: "papyra-scan l", exit: 2, out: `- MISSING_TIMESTAMP`},
	{what: "a timestamp of 1e400", files: one(`{"kind":"event","timestamp":1e400}` + "\n"), run: "papyra-scan l", exit: 2, out: `- MISSING_TIMESTAMP`},
	{what: "an age limit and a timestamp of 1e308", files: one(`{"kind":"event","timestamp":1e308}` + "\n"), run: "papyra-compact --max-age 1d l", exit: 1, err: "future|--force"},
	{what: "timestamps that are milliseconds", files: one(`{"kind":"event","timestamp":1700000000000}` + "\n"), run: "papyra-compact --max-age 1d l", exit: 1, err: `--force`},
	{what: "a timestamp that is true, null, a string, an array", files: one(`{"kind":"event","timestamp":true}` + "\n" + `{"kind":"event","timestamp":null}` + "\n" +
		`{"kind":"event","timestamp":"1"}` + "\n" + `{"kind":"event","timestamp":[1]}` + "\n"), run: "papyra-scan l", exit: 2, out: `^Found 4 persistence`},
	{what: "NaN and Infinity", files: one(`{"kind":"event","timestamp":1,"x":NaN}` + "\n" + `{"kind":"event","timestamp":-Infinity}` + "\n"), run: "papyra-scan l", exit: 2, out: `NONSTANDARD_NUMBER`},
	{what: "a kind that is spelt with escapes", files: one(`{"\u006bind":"\u0065vent","timestamp":1}` + "\n"), run: "papyra-scan --strict l", out: "^Persistence is healthy$"},
	{what: "a kind of another case", files: one(`{"KIND":"event","timestamp":1}` + "\n"), run: "papyra-scan l", exit: 2, out: "MISSING_KIND"},
	{what: "a kind 50,000 times in one record", files: one("{" + rep(`"kind":"x",`, 50000) + `"kind":"event","timestamp":1}` + "\n"), run: "papyra-scan l", out: "1 warning", bounded: true},
	{what: "100,000 members in one record", files: one(`{"kind":"event","timestamp":1` + rep(`,"a":1`, 100000) + "}\n"), run: "papyra-scan --strict l", out: "^Persistence is healthy$", bounded: true},
	{what: "100,000 records of different kinds", files: one(manyKinds(100000)), run: "papyra-scan --json l", exit: 2, out: `"records": 100000`, bounded: true},
	{what: "half a pair of surrogates", files: one(withKind("event") + `{"kind":"event","timestamp":1,"x":"\ud800"}` + "\n"), run: "papyra-scan --strict l", exit: 2, out: "LONE_SURROGATE"},
	{what: "a pair of surrogates in UTF-8", files: one(`{"kind":"event","timestamp":1,"x":"` + "\xed\xa0\xbd\xed\xb8\x80" + `"}` + "\n"), run: "papyra-scan l", exit: 2, out: "INVALID_UTF8"},
	{what: "an overlong NUL", files: one(`{"kind":"event","timestamp":1,"x":"` + "\xc0\x80" + `"}` + "\n"), run: "papyra-scan l", exit: 2, out: "INVALID_UTF8"},
	{what: "a log that is UTF-16", files: one("\xff\xfe{\x00\"\x00k\x00\"\x00\n\x00"), run: "papyra-scan l", exit: 2, out: "UTF-16"},
	{what: "a byte order mark in the middle", files: one(rec + "\xef\xbb\xbf" + rec), run: "papyra-scan l", exit: 2, out: "line 2"},
	{what: "two byte order marks at the start", files: one("\xef\xbb\xbf\xef\xbb\xbf" + rec), run: "papyra-scan l", exit: 2, out: "line 1"},
	{what: "nothing but a byte order mark", files: one("\xef\xbb\xbf"), run: "papyra-scan l", exit: 2, out: "^Found 1"},
	{what: "lines that end in CR alone", files: one(rep(strings.TrimSpace(rec)+"\r", 3)), run: "papyra-scan l", exit: 2, out: "line 1, offset 0"},
	{what: "lines that end in CR LF", files: one(strings.ReplaceAll(rec+later, "\n", "\r\n")), run: "papyra-scan --strict l", exit: 2, out: "CARRIAGE_RETURN"},
	{what: "a control character in a string", files: one("{\"kind\":\"event\",\"timestamp\":1,\"x\":\"\x1a\x1b[2J\"}\n"), run: "papyra-scan --color always l | cat -v", out: "CORRUPTED_LINE"},
	{what: "terminal escapes in a kind, shown", files: one(withKind(escapes)), run: "papyra-scan -v l", exit: 2, out: `UNKNOWN_KIND`},
	{what: "terminal escapes in a kind, counted", files: one(withKind(escapes)), run: "papyra-inspect --allow-kind x l", out: "Persistence Inspect"},
	{what: "terminal escapes in a payload, read", files: one(`{"kind":"dead_letter","timestamp":1,"target":"` + escapes + `","message_type":"` + escapes + `","payload":"` + escapes + `"}` + "\n"),
		run: "papyra inspect dead-letters l", out: "target="},
	{what: "terminal escapes in a line that append refuses", run: `printf 'x\033[2J\n' | papyra-append l`, exit: 1, err: "line 1"},
	{what: "terminal escapes in a line that is dropped, shown", files: one("{\"kind\"\x1b[2J\u009b\u202e\n" + rec + rec), run: "papyra-repair -n l", out: "."},
	{what: "a verdict forged in a kind, as text", files: one(withKind(forged)), run: "papyra-scan l", exit: 2, out: "UNKNOWN_KIND"},
	{what: "a verdict forged in a kind, as annotations", files: one(withKind(forged)), run: "papyra-scan --report github=- l", exit: 2, out: `\A::error [^\n]*\n\z`},
	{what: "markup in a kind, as Markdown", files: one(withKind(markup)), run: "papyra-scan --report markdown=- l", exit: 2, out: `unknown&#95;kind`, after: "! papyra-scan --report markdown=- l | grep '<script'"},
	{what: "markup in a kind, as JUnit", files: one(withKind(markup)), run: "papyra-scan --report junit=- l | python3 -c 'import sys,xml.dom.minidom as m; m.parseString(sys.stdin.read()); print(\"parsed\")'", out: "^parsed$"},
	{what: "markup in a kind, as SARIF", files: one(withKind(markup)), run: "papyra-scan --report sarif=- l | python3 -c 'import sys,json; json.load(sys.stdin); print(\"parsed\")'", out: "^parsed$"},
	{what: "markup in a kind, as HTML", files: one(withKind(markup)), run: "papyra-inspect --html page.html l", out: ".", changes: "page.html", after: "! grep -q '<script>alert' page.html; grep -q alert page.html; test ! -e owned"},
	{what: "a label that ends early, in a textfile", files: one(withKind(`a\"} 1\npapyra_scan_healthy{path=\"l\"} 1\nx{a=\"`)), run: "papyra-scan -q --textfile m.prom l", exit: 2, changes: "m.prom",
		after: "grep -q '^papyra_scan_healthy{step=\"scan\",path=\"l\"} 0$' m.prom; test $(grep -c '^papyra_scan_healthy' m.prom) = 1"},
	{what: "a line of 10 MB", files: one(`{"kind":"event","timestamp":1,"x":"` + rep("x", 10<<20) + `"}` + "\n"), run: "papyra-scan l", out: "^Persistence is healthy$", bounded: true},
	{what: "a line of 10 MB, filtered", files: one(`{"kind":"event","timestamp":1,"x":"` + rep("x", 10<<20) + `"}` + "\n"), run: "papyra-filter --reverse l | cmp - l", raw: true, bounded: true, after: "test -s l"},
	{what: "a line of 20 MB without an end", files: one(rec), plant: "head -c 20000000 /dev/zero | tr '\\0' '{' >> l", run: "papyra-scan l", exit: 2, out: "OVERSIZED_LINE|TRUNCATED_LINE", bounded: true},
	{what: "a line of 20 MB on standard input, filtered by count", run: "(head -c 20000000 /dev/zero | tr '\\0' x; echo; printf '" + strings.TrimSpace(rec) + "\\n') | papyra-filter --max-records 1", out: `^\{"kind":"event","timestamp":1\}$`, bounded: true},
	{what: "a string of 100,000 escapes", files: one(`{"kind":"` + rep(`\u0000`, 100000) + `","timestamp":1}` + "\n"), run: "papyra-scan l", exit: 2, out: "UNKNOWN_KIND", bounded: true},
	{what: "10,000 records on one line", files: one(rep(strings.TrimSpace(rec), 10000) + "\n"), run: "papyra-repair --no-ledger --force l", changes: "l", after: "test $(wc -l < l) = 10000; papyra-scan --strict l"},
	{what: "a torn line that holds what looks like a record", files: one(rec + `{"a":{"kind":"event","timestamp":1}` + "\n" + rec + rec), run: "papyra-repair --no-ledger l", changes: "l", after: "test $(wc -l < l) = 3"},
	{what: "values that are no objects", files: one("null\n[]\n\"x\"\n7\ntrue\n"), run: "papyra-scan l", exit: 2, out: "^Found 5 "},
	{what: "newlines and nothing else", files: one(rep("\n", many(1000000))), run: "papyra-scan --json l | tail -n 15", out: fmt.Sprintf(`"(lines|blank_line)": %d\b`, many(1000000)), bounded: true},
	{what: "newlines after a record, repaired", files: one(rec + rep("\n", many(300000))), run: "papyra-repair --force l", changes: "l *.ledger", after: "test $(wc -l < l) = 1", bounded: true},
	{what: "bad UTF-8 on every line", files: one(rep("\xff\xfe\n", 100000)), run: "papyra-scan l", exit: 2, out: "Found 100,?000", bounded: true},
	{what: "every mutation of small logs", by: "`TestTortureMutants`"},
	{what: "damage of every kind together", by: "`TestAllDamageTogether`"},
	{what: "more damage than any report lists", by: "`TestHugeDamage`"},
	{what: "runs of NUL bytes of any length", by: "`TestNULRunOfAnyLength`"},
	{what: "what is said, in every format", by: "`TestNothingUnsafeInAnyFormat`"},
	{what: "workflow commands in any member", by: "`TestGitHubNothingForged`"},
	{what: "SARIF of hostile text", by: "`TestSARIFHostile`"},
	{what: "JUnit of hostile text", by: "`TestJUnitHostile`"},
	{what: "Markdown of hostile text", by: "`TestMarkdownHostile`"},
	{what: "labels of hostile text", by: "`TestPrometheusHostile`"},
	{what: "the page of hostile strings", by: "`TestHostileStringsStayText`"},
	{what: "control characters, C1 and bidi in the JSON of every step", by: "`cli/safejson`"},
	{what: "control characters in messages", by: "`cli/safetext`"},
	{what: "lines with several faults", by: "`scan/precedence`"},
	{what: "no log at all by its contents", by: "`scan/badinput`"},
}
