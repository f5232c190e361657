package e2e_test

// settings is a directory with a damaged log and settings, c.
func settings(text string) map[string]string {
	return map[string]string{"l": harmed, "c": text}
}

const withC = "papyra-compact --config c l"

var hostileSettings = []situation{
	{what: "settings in the working directory", files: map[string]string{"l": harmed, "papyra.json": `{"max_records": 0}`}, run: "papyra-compact l", err: "."},
	{what: "settings that others can write to", files: settings(`{"max_records": 1}`), plant: "chmod 666 c", run: withC, exit: 80, err: "can be written to by others"},
	{what: "settings that a group can write to", files: settings(`{"max_records": 1}`), plant: "chmod 664 c", run: withC, exit: 80, err: "can be written to by others"},
	{what: "settings of somebody else", files: settings(`{"max_records": 1}`), plant: "test $(id -u) != 0 || chown 12345 c", nobody: true, run: withC, exit: 80, err: "owned|belongs"},
	{what: "settings that may not be read", files: settings(`{}`), plant: "chmod 000 c", nobody: true, run: withC, exit: 80, err: "permission denied"},
	{what: "settings that are a FIFO", files: one(rec), plant: "mkfifo c", run: "timeout 20 papyra-scan --config c l", exit: 80, err: "c is not a regular file"},
	{what: "settings that are a directory", files: one(rec), plant: "mkdir c", run: "papyra-scan --config c l", exit: 80, err: "c is"},
	{what: "settings that never end", files: one(rec), run: "papyra-scan --config /dev/zero l", exit: 80, err: "/dev/zero"},
	{what: "settings of a gibibyte", files: one(rec), plant: "truncate -s 1G c", run: "papyra-scan --config c l", exit: 80, err: "c", bounded: true},
	{what: "settings that are not there", files: one(rec), run: "papyra-scan --config c l", exit: 80, err: "c"},
	{what: "settings that are not there, by the environment", files: one(rec), run: "PAPYRA_CONFIG=c papyra-scan l", exit: 80, err: "c"},
	{what: "settings that are no JSON", files: settings(`{"max_records": 1,}`), run: withC, exit: 80, err: "c:1:19: "},
	{what: "settings that are an array", files: settings(`[]`), run: withC, exit: 80, err: "c:1:1: "},
	{what: "settings with something behind them", files: settings(`{} {"max_records": 1}`), run: withC, exit: 80, err: "c:1:"},
	{what: "100,000 brackets", files: settings(`{"max_records": ` + rep("[", 100000)), run: withC, exit: 80, err: "c:1:", bounded: true},
	{what: "a key that is unknown", files: settings(`{"max_record": 1}`), run: withC, exit: 80, err: `did you mean "max_records"`},
	{what: "a key that a terminal obeys", files: settings(`{"\u001b[2J\u202e": 1}`), run: withC, exit: 80, err: "unknown key"},
	{what: "a key twice", files: settings(`{"max_records": 1, "max_records": 3}`), run: withC, exit: 80, err: "set twice"},
	{what: "force", files: settings(`{"force": true}`), run: withC, exit: 80, err: "unknown key"},
	{what: "a limit of zero records", files: settings(`{"max_records": 0}`), run: withC, exit: 1, err: "--force"},
	{what: "a limit of zero seconds", files: settings(`{"max_age": 0}`), run: withC, exit: 1, err: "--force"},
	{what: "a limit of zero bytes", files: settings(`{"max_total_bytes": 0}`), run: withC, exit: 1, err: "--force"},
	{what: "a limit below zero", files: settings(`{"max_records": -1}`), run: withC, exit: 80, err: "max_records"},
	{what: "a limit that is true", files: settings(`{"max_records": true}`), run: withC, exit: 80, err: "max_records"},
	{what: "a limit with a fraction", files: settings(`{"max_records": 1.5}`), run: withC, exit: 80, err: "max_records"},
	{what: "a limit of 1e999", files: settings(`{"max_total_bytes": 1e999}`), run: withC, exit: 80, err: "max_total_bytes"},
	{what: "an age of a billion years", files: settings(`{"max_age": "365000000000d"}`), run: withC, exit: 80, err: "max_age"},
	{what: "a limit of zero in the environment", files: one(harmed), run: "PAPYRA_MAX_RECORDS=0 papyra-compact l", exit: 1, err: "PAPYRA_MAX_RECORDS"},
	{what: "an empty variable", files: one(harmed), run: "PAPYRA_MAX_RECORDS= papyra-compact l", err: "."},
	{what: "a variable that a terminal obeys", files: one(harmed), run: `PAPYRA_MAX_AGE="$(printf '\033[2J')" papyra-compact l`, exit: 80, err: "PAPYRA_MAX_AGE"},
	{what: "a textfile over the log, by the environment", files: one(harmed), run: "PAPYRA_TEXTFILE=l papyra-scan l", exit: 80, err: "is the input"},
	{what: "settings of others, wherever they are named", by: "`TestSettingsOfOthers`"},
	{what: "who wins", by: "`cli/settings`"},
}

// profile is a directory with a log and a profile, p.
func profile(text string) map[string]string { return map[string]string{"l": rec, "p": text} }

const withP = "papyra-scan --profile ./p l"

var hostileProfiles = []situation{
	{what: "a profile that is not known", files: one(rec), run: "papyra-scan --profile pnio l", exit: 80, err: `did you mean "pino"`},
	{what: "a profile that is not there", files: one(rec), run: withP, exit: 80, err: "p"},
	{what: "a profile that is no JSON", files: profile("x"), run: withP, exit: 80, err: "p:1:1"},
	{what: "a key that is unknown", files: profile(`{"name":"x","knd":{}}`), run: withP, exit: 80, err: `did you mean "kind"`},
	{what: "a path of five keys", files: profile(`{"name":"x","kind":{"field":"/a/b/c/d/e"}}`), run: withP, exit: 80, err: "5 keys, at most 4"},
	{what: "a member that looks like a pattern", files: map[string]string{"l": `{"(a+)+$":"x","timestamp":1}` + "\n", "p": `{"name":"x","kind":{"field":"(a+)+$"}}`}, run: "papyra-scan --json --profile ./p l", out: `"x": 1`},
	{what: "a profile with a name that a terminal obeys", files: profile(`{"name":"\u001b[2J","kind":{"field":"kind"}}`), run: withP, exit: 80, err: "name"},
	{what: "a profile of 100,000 brackets", files: profile(rep("[", 100000)), run: withP, exit: 80, err: "p:1:1: too large", bounded: true},
	{what: "a profile of a gibibyte", files: one(rec), plant: "truncate -s 1G p", run: withP, exit: 80, err: "p", bounded: true},
	{what: "a profile that is a FIFO", files: one(rec), plant: "mkfifo p", run: "timeout 20 " + withP, exit: 80, err: "p"},
	{what: "a profile that is a directory", files: one(rec), plant: "mkdir p", run: withP, exit: 80, err: "p"},
	{what: "a profile that never ends", files: one(rec), run: "timeout 20 papyra-scan --profile /dev/zero l", exit: 80, err: "/dev/zero", bounded: true},
	{what: "a profile that is guessed, for a step that deletes", files: one(rec), run: "papyra-compact --profile auto --max-records 1 l", exit: 80, err: "never guessed"},
	{what: "a member that no record has", by: "`profile/use`"},
	{what: "mistakes in every key", by: "`profile/know`"},
}
