package e2e_test

import (
	"encoding/binary"
	"hash/crc32"
	"strconv"
)

// report is a scan's report of one log, with its totals, of which some are
// replaced.
func reported(old, new string) string {
	return "papyra-scan --json l > r || true; python3 - <<'PY'\nt = open('r').read()\nassert " + strconv.Quote(old) + " in t, t\nopen('r','w').write(t.replace(" +
		strconv.Quote(old) + "," + strconv.Quote(new) + "))\nPY"
}

var hostileReports = []situation{
	{what: "nothing", files: named("r", ""), run: "papyra-scan --merge r", exit: 1, err: "it is empty"},
	{what: "a log", files: named("r", rec), run: "papyra-scan --merge r", exit: 1, err: "it has no schema"},
	{what: "a report of another schema", files: named("r", `{"schema":2,"files":[]}`), run: "papyra-scan --merge r", exit: 1, err: "its schema is 2"},
	{what: "a schema that is no number", files: named("r", `{"schema":"1","files":[]}`), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "a report that is cut short", files: one(harmed), plant: "papyra-scan --json l > r || true; truncate -s -9 r", run: "papyra-scan --merge r", exit: 1, err: "ends too early"},
	{what: "totals that hide damage", files: one(harmed), plant: reported(`"errors": 1`, `"errors": 0`), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "a verdict that hides damage", files: one(harmed), plant: reported(`"healthy": false`, `"healthy": true`), run: "papyra-scan --merge r", exit: 1, err: "contradict themselves"},
	{what: "numbers beyond 2^53", files: one(harmed), plant: reported(`"bytes": `, `"bytes": 9223372036854775807`), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "numbers below zero", files: one(harmed), plant: reported(`"lines": 4`, `"lines": -4`), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "numbers with a fraction", files: one(harmed), plant: reported(`"lines": 4`, `"lines": 4.5`), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "100,000 brackets", files: named("r", `{"schema":1,"files":`+rep("[", 100000)), run: "papyra-scan --merge r", exit: 1, err: "read report r", bounded: true},
	{what: "100,000 brackets in a member that nobody reads", files: named("r", `{"schema":1,"x":`+rep("[", 100000)+rep("]", 100000)+`,"files":[]}`), run: "papyra-scan --merge r", exit: 1, err: "read report r", bounded: true},
	{what: "a string of 70 MB", plant: `(printf '{"schema":1,"tool":"'; head -c 70000000 /dev/zero | tr '\0' x; printf '"}') > r`, run: "papyra-scan --merge r", exit: 1, err: "read report r", bounded: true},
	{what: "a path that a terminal obeys", files: one(harmed), plant: reported(`"path": "l"`, `"path": "\u001b[2J\u202e"`), run: "papyra-scan --merge r", exit: 2, out: `\\x1b\[2J\\u\{202e\}`},
	{what: "a path of another file", files: one(harmed), plant: reported(`"path": "l"`, `"path": "/etc/passwd"`), run: "papyra-scan --merge --report json=out r", exit: 2, out: "/etc/passwd", changes: "out"},
	{what: "a type of anomaly that is none", files: one(harmed), plant: reported(`"corrupted_line"`, `"fine\u001b[2J"`), run: "papyra-scan --merge r; test $? != 0", out: "", err: "", after: "true"},
	{what: "two values of one member", files: one(harmed), plant: reported(`"schema": 1`, `"schema": 2, "schema": 1`), run: "papyra-scan --merge r; test $? != 0", after: "true"},
	{what: "text that is no JSON", files: named("r", "{schema:1}"), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "text that is not UTF-8", files: named("r", "{\"schema\":1,\"tool\":\"\xff\x1b[2J\"}"), run: "papyra-scan --merge r", exit: 1, err: "read report r"},
	{what: "a directory", plant: "mkdir r", run: "papyra-scan --merge r", exit: 1, err: "r"},
	{what: "a device that never ends", run: "papyra-scan --merge /dev/zero", exit: 1, err: "/dev/zero", bounded: true},
	{what: "a report that is not there, beside one that is", files: one(rec), plant: "papyra-scan --json l > r", run: "papyra-scan --merge r gone", exit: 1, err: "gone"},
	{what: "one part of a log", files: one(rec + later), plant: "papyra-scan --json --range 0:31 l > r", run: "papyra-scan --merge r", exit: 1, err: "in no report"},
	{what: "the same part twice", files: one(rec + later), plant: "papyra-scan --json --range 0:31 l > r; papyra-scan --json --range 31: l > s", run: "papyra-scan --merge r s r; test $? != 0", after: "true"},
	{what: "the same report twice", files: one(rec), plant: "papyra-scan --json l > r", run: "papyra-scan --merge r r", exit: 1, err: "l is in two reports of the host"},
	{what: "settings without end", by: "`TestMergeBoundsSettings`"},
	{what: "kinds without end", by: "`TestMergeBoundsKinds`"},
	{what: "types without end", by: "`TestMergeBoundsTypes`"},
	{what: "anomalies without end", by: "`TestMergeBoundsWhatItHolds`"},
	{what: "sums beyond all numbers", by: "`TestTotalsSaturate`"},
	{what: "a part of a log that is in no report", by: "`TestMergeWantsAllOfALog`"},
	{what: "what is no report", by: "`TestMergeRefuses`"},
}

// ledger makes a ledger, book, of a repair of l, and then changes a text in it.
func ledger(old, new string) string {
	return "papyra-repair -q --ledger book l; python3 - <<'PY'\nt = open('book').read()\nassert " + strconv.Quote(old) + " in t, t\nopen('book','w').write(t.replace(" +
		strconv.Quote(old) + "," + strconv.Quote(new) + ",1))\nPY"
}

const undo = "papyra-repair --undo book l"

var hostileLedgers = []situation{
	{what: "a ledger that names another file", files: map[string]string{"l": harmed, "victim": "precious"}, plant: ledger(`"path":"`, `"path":"/victim`), run: "papyra-repair --undo book", exit: 80, err: "."},
	{what: "a checksum that does not fit", files: one(harmed), plant: ledger(`"sha256":"`, `"sha256":"0`), run: undo, exit: 1, err: "."},
	{what: "bytes that do not fit their checksum", files: one(harmed), plant: ledger(`"raw":"`, `"raw":"AAAA`), run: undo, exit: 1, err: "."},
	{what: "bytes that are no base64", files: one(harmed), plant: ledger(`"raw":"`, `"raw":"*`), run: undo, exit: 1, err: "."},
	{what: "a place beyond the log", files: one(harmed), plant: ledger(`"new_offset":31`, `"new_offset":310`), run: undo, exit: 1, err: "."},
	{what: "a place within a line", files: one(harmed), plant: ledger(`"new_offset":31`, `"new_offset":30`), run: undo, exit: 1, err: "."},
	{what: "a place below zero", files: one(harmed), plant: ledger(`"new_offset":31`, `"new_offset":-31`), run: undo, exit: 1, err: "."},
	{what: "a length that is none", files: one(harmed), plant: ledger(`"length":`, `"length":1e99`), run: undo, exit: 1, err: "."},
	{what: "a run of NUL bytes of an exbibyte", files: one(rec + nul(100) + "\n" + later + later), plant: ledger(`"length":`, `"length":1152921504606846976`), run: undo, exit: 1, err: ".", bounded: true},
	{what: "an entry twice", files: one(harmed), plant: "papyra-repair -q --ledger b l; (sed -n 1,2p b; sed -n 2p b; tail -n +3 b) > book; rm b", run: undo, exit: 1, err: "."},
	{what: "a ledger that is cut short", files: one(harmed), plant: "papyra-repair -q --ledger book l; truncate -s -20 book", run: undo, exit: 1, err: "."},
	{what: "a ledger without its summary", files: one(harmed), plant: "papyra-repair -q --ledger b l; sed '$d' b > book; rm b", run: undo, exit: 1, err: "summary"},
	{what: "a summary that does not balance", files: one(harmed), plant: ledger(`"bytes_dropped":`, `"bytes_dropped":1`), run: undo, exit: 1, err: "."},
	{what: "lines behind the summary", files: one(harmed), plant: "papyra-repair -q --ledger book l; echo '{}' >> book", run: undo, exit: 1, err: "."},
	{what: "a schema of the future", files: one(harmed), plant: ledger(`"schema":`, `"schema":9`), run: undo, exit: 1, err: "schema"},
	{what: "an action that is none", files: one(harmed), plant: ledger(`"dropped"`, `"owned"`), run: undo, exit: 1, err: "."},
	{what: "a ledger of another log", files: map[string]string{"l": harmed, "m": rec}, plant: "papyra-repair -q --ledger book l", run: "papyra-repair --undo book m", exit: 1, err: "."},
	{what: "a second undo", files: one(harmed), plant: "papyra-repair -q --ledger book l; papyra-repair -q --undo book l", run: undo, exit: 1, err: "is there already|no longer what"},
	{what: "a log that was repaired again since", files: one(harmed), plant: "papyra-repair -q --ledger book l; printf 'x\\n' >> l; sed -i 1d l", run: undo, exit: 1, err: "no longer what"},
	{what: "nothing", files: map[string]string{"l": harmed, "book": ""}, run: undo, exit: 1, err: "."},
	{what: "a log as a ledger", files: map[string]string{"l": harmed, "book": rec}, run: undo, exit: 1, err: "."},
	{what: "the log itself as its ledger", files: one(harmed), run: "papyra-repair --undo l l", exit: 1, err: "is damaged"},
	{what: "a directory", files: one(harmed), plant: "mkdir book", run: undo, exit: 1, err: "."},
	{what: "a device that never ends", files: one(harmed), run: "papyra-repair --undo /dev/zero l", exit: 1, err: ".", bounded: true},
	{what: "a line of 70 MB", files: one(harmed), plant: "head -c 70000000 /dev/zero | tr '\\0' x > book", run: undo, exit: 1, err: "too long", bounded: true},
	{what: "a forged ledger that is the newest one", files: map[string]string{"l": harmed, "l.repair-9999999999999.ledger": `{"schema":2}` + "\n"}, plant: "papyra-repair -q l", run: "papyra undo l", exit: 1, err: "9999999999999"},
	{what: "a link where the newest ledger is", files: map[string]string{"l": harmed, "x": `{"schema":2}` + "\n"}, plant: "ln -s x l.repair-9999999999999.ledger", run: "papyra undo l", exit: 1, err: "."},
	{what: "what becomes of a ledger that a killed repair left", by: "`TestKillAccount`"},
	{what: "a ledger as authority", by: "`TestAccountIsNoAuthority`"},
	{what: "holes, far places, long lines", by: "`repair/undo`"},
	{what: "evidence that was tampered with", by: "`repair/evidence`"},
}

// journal is a journal of one record with that payload, as a killed rewrite
// leaves it.
func journal(payload string) string {
	head := binary.LittleEndian.AppendUint32([]byte("PAPYRAJ2"), uint32(len(payload)))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum([]byte(payload), crc32.MakeTable(crc32.Castagnoli)))
	text := string(head) + payload
	return text + nul(511-(len(text)+511)%512)
}

// left is a directory in which a rewrite of l was killed, if that is believed.
func left(text string) map[string]string {
	return map[string]string{"l": harmed, ".l.papyra-journal": text, "victim": "precious", "sub/l.quarantine.1": "precious"}
}

var hostileJournals = []situation{
	{what: "rubbish", files: left("rubbish"), run: "papyra-repair --no-ledger l", changes: "l .l.papyra-journal"},
	{what: "a journal, scanned", files: left(journal(`{"base":{"old":1,"new":2}}`)), run: "papyra-scan l", exit: 2, out: "INTERRUPTED_REWRITE"},
	{what: "a version of the future", files: left("PAPYRAJ9" + nul(504)), run: "papyra-repair l", exit: 1, err: "another version"},
	{what: "a checksum that does not fit", files: left(flipped(journal(`{"base":{"old":1,"new":2,"ready":true}}`), 20)), run: "papyra-repair --no-ledger l", changes: "l .l.papyra-journal"},
	{what: "files that are not there", files: left(journal(`{"base":{"old":1,"new":2,"ready":true,"from":10,"len":10}}`)), run: "papyra-repair --no-ledger l; true", changes: "l .l.papyra-journal", after: "grep -q precious victim"},
	{what: "evidence elsewhere, to be removed", files: left(journal(`{"base":{"old":1,"new":2,"quarantine":"c3ViL2wucXVhcmFudGluZS4x","copy":true}}`)), run: "papyra-repair --no-ledger l; true",
		changes: "l .l.papyra-journal", after: "grep -q precious victim; grep -q precious sub/l.quarantine.1"},
	{what: "an account that is another file", files: left(journal(`{"base":{"old":1,"new":2,"account":"dmljdGlt","account_ino":1}}`)), run: "papyra-repair --no-ledger l; true",
		changes: "l .l.papyra-journal", after: "grep -q precious victim"},
	{what: "a link", files: left(""), plant: "rm .l.papyra-journal; ln -s victim .l.papyra-journal", run: "papyra-repair --no-ledger l", exit: 1, err: "is in the way"},
	{what: "a FIFO", files: left(""), plant: "rm .l.papyra-journal; mkfifo .l.papyra-journal", run: "timeout 60 papyra-repair --no-ledger l", exit: 1, err: "papyra-journal"},
	{what: "a directory", files: left(""), plant: "rm .l.papyra-journal; mkdir .l.papyra-journal", run: "papyra-repair l", exit: 1, err: "papyra-journal"},
	{what: "a hole of a gibibyte", files: left(""), plant: "truncate -s 1G .l.papyra-journal", run: "papyra-repair --no-ledger l", changes: "l .l.papyra-journal", bounded: true},
	{what: "70,000 records", files: left(rep(journal(`{"base":{"old":1,"new":2}}`), 70000)), run: "papyra-repair --no-ledger l", exit: 1, err: "more records than any rewrite writes", bounded: true},
	{what: "a kill at any operation, finished by another run", by: "`TestEveryCrashState`"},
	{what: "damage in a journal", by: "`TestJournalStopsAtDamage`"},
}
