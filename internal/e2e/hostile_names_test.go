package e2e_test

// named is a directory with one log of that name.
func named(name, text string) map[string]string { return map[string]string{name: text} }

var hostileNames = []situation{
	{what: "a name that is not UTF-8", files: named("a\xff\xfe", rec+torn), run: "papyra-scan *", exit: 2, out: `a\\xff\\xfe`},
	{what: "such a name in a list", files: named("a\xff", rec), plant: "ls > list", run: "papyra-scan --files-from list", exit: 2, out: "2 logs: 1 healthy"},
	{what: "a newline in a name", files: named("a\nPersistence is healthy", torn), run: "papyra-scan a*", exit: 2, out: `a\\nPersistence`},
	{what: "a newline in a name, in a list of lines", files: named("a\nb", rec), plant: "ls > list", run: "papyra-scan --files-from list", exit: 1, out: "No verdict"},
	{what: "a newline in a name, in a list of NUL-separated names", files: named("a\nb", rec), plant: "printf 'a\\nb\\0' > list", run: "papyra-scan -0 --files-from list", out: "healthy"},
	{what: "a name that begins with a dash", files: named("--force", rec), run: "papyra-scan -- *", out: "^Persistence is healthy$"},
	{what: "such a name without the dashes before it", files: named("--undo", rec), run: "papyra-repair *", exit: 80, err: "undo"},
	{what: "a name that begins with a dash, in a list", files: map[string]string{"--merge": rec, "d/list": "--merge\n"}, run: "papyra-scan --files-from d/list", out: "^Persistence is healthy$"},
	{what: "a name that clears the screen", files: named("a\x1b[2J\u009b", torn), run: "papyra-scan *", exit: 2, out: `\\x1b\[2J`},
	{what: "the same in JSON", files: named("a\x1b[2J\u009b", torn), run: "papyra-scan --json *", exit: 2, out: `\\u001b\[2J\\u009b`},
	{what: "the same, not there", run: `papyra-repair "$(printf 'a\033[2J')"`, exit: 1, err: `\\x1b\[2J`},
	{what: "a name that reads backwards", files: named("a\u202egnp.ndjson", torn), run: "papyra-repair -n *", exit: 1, out: `a\\u\{202e\}gnp`},
	{what: "a name that is a workflow command", files: named("::error::x%0A", torn), run: "papyra-scan --report github=- *", exit: 2, out: `\A::error file=[^\n]*\n\z`},
	{what: "a name of Markdown and HTML", files: named("`|<b>x<⁄b>", torn), run: "papyra-scan --report markdown=- *", exit: 2, out: `&#60;b&#62;`},
	{what: "a name with shell in it, in the next step", files: named("$(touch owned)'\"", rec+torn+"\n"+rec), run: "papyra-scan *", exit: 2, out: "papyra-repair --dry-run '"},
	{what: "that next step, done as it is said", files: named("$(touch owned)'\"", rec+torn+"\n"+rec), run: `eval "$(papyra-scan * | sed -n 's/^next: //p')"`, out: "."},
	{what: "a name of 255 bytes, scanned", files: named(rep("x", 255), rec), run: "papyra-scan *", out: "^Persistence is healthy$"},
	{what: "a name of 255 bytes, repaired", files: named(rep("x", 255), rec+rec+torn+"\n"), run: "papyra-repair *", changes: "x*x x*.ledger", after: "test $(cat *xxxx | wc -l) = 2"},
	{what: "a path of 5,000 bytes", run: "papyra-scan " + rep("x/", 2500) + "l", exit: 1, out: "No verdict"},
	{what: "spaces and quotes in a name", files: named(` a "b" `, rec), run: "papyra-scan *", out: "^Persistence is healthy$"},
	{what: "a name with a format in it", files: named("%s%n%d", torn), run: "papyra-scan *", exit: 2, out: "%s%n%d"},
	{what: "an empty name", run: "papyra-scan ''", exit: 80, err: "."},
	{what: "an empty name among others", files: one(rec), run: "papyra-scan l ''", exit: 80, err: "."},
	{what: "a file as a directory", files: one(rec), run: "papyra-scan l/", exit: 1, out: "No verdict"},
	{what: "a name that looks like a report", files: named("json=l", rec), run: "papyra-scan --report json=json=l json=l", exit: 80, err: "is the input"},
	{what: "a name that looks like an address", run: "papyra-scan https://example.org/l", exit: 1, out: "No verdict"},
	{what: "a rotated number beyond all numbers", files: map[string]string{"l": rec, "l.99999999999999999999": torn, "l.1": rec}, run: "papyra-scan --rotated l", out: "."},
	{what: "a rotated number with zeros and signs", files: map[string]string{"l": rec, "l.01": torn, "l.+1": torn, "l.-1": torn, "l.1": rec}, run: "papyra-scan --rotated l", out: "2 records"},
	{what: "names that are not UTF-8, wherever a name stands", by: "`cli/names`"},
	{what: "names of any length through every step", by: "`TestLongNames`"},
	{what: "a hostile path in messages to people", by: "`TestHostilePathStaysText`"},
}
