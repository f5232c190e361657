package repair

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/profiles"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// whole tells a JSON object from what is none.
var whole = record.NewChecker(record.Options{})

func isObject(text []byte) bool { return whole.Check(text, 0).IsRecord() }

// looks are what lines may be that were dropped, and what helps; the first one
// that most of them have is told. %s is the log, as a shell reads it.
var looks = []struct {
	is   func(line []byte) bool
	text string
}{
	{func(l []byte) bool {
		return bytes.HasPrefix(l, []byte("\xff\xfe")) || bytes.HasPrefix(l, []byte("\xfe\xff")) || bytes.Count(l, []byte{0}) > len(l)/3 && len(l) > 8 && utf8.Valid(l)
	},
		"this looks like UTF-16: iconv -f UTF-16 -t UTF-8 %s makes UTF-8 of it"},
	{func(l []byte) bool { return bytes.IndexByte(l, 0) >= 0 || !utf8.Valid(l) && controls(l) },
		"this looks like binary data, not a log"},
	{func(l []byte) bool { return isObject(append(bytes.Clone(l), '}')) },
		"every line lacks its closing brace: sed 's/$/}/' %s adds it"},
	{func(l []byte) bool { return isObject(bytes.TrimRight(l, ", ")) },
		"every line ends with a comma: sed 's/,$//' %s removes it"},
	{func(l []byte) bool { return l[0] == '[' && l[len(l)-1] == ']' },
		"every line is an array: jq -c '.[]' %s makes a line of each value"},
	{pretty, "this looks like pretty-printed JSON: jq -c . %s makes a line of each value"},
	{func(l []byte) bool { return bytes.HasPrefix(l, []byte("{'")) },
		"this looks like Python objects, with single quotes, not JSON"},
	{func(l []byte) bool {
		at := bytes.IndexByte(l, '{')
		return at > 0 && isObject(l[at:])
	}, "every line has something before its record: sed 's/^[^{]*//' %s removes it"},
	{func(l []byte) bool { return !utf8.Valid(l) && utf8.Valid(latin(l)) && l[0] == '{' },
		"this looks like another encoding than UTF-8, as Latin-1: iconv -f LATIN1 -t UTF-8 %s makes UTF-8 of it"},
	{func(l []byte) bool { return l[0] != '{' && l[0] != '[' && l[0] != '"' },
		"this looks like text, not JSON"},
}

// pretty reports whether a line looks like one of JSON that was indented.
func pretty(l []byte) bool {
	if len(bytes.Trim(l, "{}[], ")) == 0 {
		return true
	}
	return l[0] == '"' && (bytes.Contains(l, []byte(`":`)) || bytes.HasSuffix(l, []byte(`",`)))
}

func controls(l []byte) bool {
	return bytes.ContainsFunc(l, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != 0x1b })
}

// latin is a text without the bytes that Latin-1 has beyond ASCII.
func latin(l []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == utf8.RuneError {
			return -1
		}
		return r
	}, l)
}

// look says what the dropped lines look like, and what helps.
func (g *guard) look(log string) string {
	if text := g.lookLong(); text != "" {
		return text
	}
	var lines [][]byte
	for _, l := range g.sample {
		if l = bytes.TrimSpace(l); len(l) > 0 {
			lines = append(lines, l)
		}
	}
	if profile := profileOf(lines); profile != "" {
		return fmt.Sprintf("these lines look like %s: --profile %[1]s", profile)
	}
	for _, look := range looks {
		n := 0
		for _, l := range lines {
			if look.is(l) {
				n++
			}
		}
		if 2*n > len(lines) && (len(lines) > 1 || look.text[:4] == "this") {
			if bytes.Contains([]byte(look.text), []byte("%s")) {
				return fmt.Sprintf(look.text, log)
			}
			return look.text
		}
	}
	for kind, n := range g.types {
		if 2*n > g.dropped {
			return fmt.Sprintf("most of these lines have one fault, %s: papyra-repair --dry-run shows it", kind)
		}
	}
	return ""
}

// lookLong is look for lines that the flags of the check, or of the repair,
// have dropped.
func (g *guard) lookLong() string {
	switch {
	case 2*g.types[record.OversizedLine] > g.dropped:
		return "most of these lines are too long: --max-line-bytes"
	case 2*g.types[record.SplitRecord] > g.dropped:
		return "most of these lines are parts of whole records, which raw newlines cut: --rejoin joins them"
	case 2*(g.types[record.UnknownKind]) > g.dropped:
		return "most of these lines are of kinds that are not known: --allow-kind, or no --drop-unknown"
	}
	return ""
}

// profileOf names the profile that lines fit beyond doubt, or "".
func profileOf(lines [][]byte) string {
	all, err := profiles.All()
	if err != nil {
		return ""
	}
	if d := profiles.Detect(lines, all); d.Profile != nil && d.Profile != record.Papyra() {
		return safetext.String(d.Profile.Name)
	}
	return ""
}
