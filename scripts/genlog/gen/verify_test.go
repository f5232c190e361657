package gen

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// header is what a naive reader, built on encoding/json alone, sees in a line.
type header struct {
	kind      string
	timestamp float64
}

var kinds = []string{"event", "audit", "dead_letter", "metric"}

// healthy fails the test unless line is a complete record, and returns its
// header.
func healthy(t require.TestingT, line []byte) header {
	require.True(t, json.Valid(line), "%.300s", line)
	require.True(t, utf8.Valid(line), "%.300q", line)
	m := members(t, line)
	var h header
	require.NoError(t, json.Unmarshal(m["kind"], &h.kind))
	require.Contains(t, kinds, h.kind)
	require.NoError(t, json.Unmarshal(m["timestamp"], &h.timestamp))
	require.False(t, math.IsInf(h.timestamp, 0))
	return h
}

// members returns the top-level members; a map, other than a struct, matches
// names exactly.
func members(t require.TestingT, line []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(line, &m))
	return m
}

// depth returns how deep brackets outside of strings nest.
func depth(line []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '{' || c == '['):
			now++
			deepest = max(deepest, now)
		case !quoted && (c == '}' || c == ']'):
			now--
		}
	}
	return deepest
}

// verify walks the log line by line: what the truth names must be damaged as it
// says, and every other line healthy and not older than its predecessor.
func verify(t require.TestingT, log []byte, truth []Finding, o Options) {
	offset, last, rest := int64(0), 0.0, truth
	for no := int64(1); offset < int64(len(log)); no++ {
		line, _, ended := bytes.Cut(log[offset:], []byte("\n"))
		if len(rest) == 0 || rest[0].Line != no {
			require.True(t, ended)
			h := healthy(t, line)
			require.Greater(t, h.timestamp, last)
			last = h.timestamp
		} else {
			f := rest[0]
			rest = rest[1:]
			require.Equal(t, offset, f.Offset)
			require.EqualValues(t, len(line), f.Length)
			require.Equal(t, ended, f.Type != "truncated_line" && f.Type != "missing_newline")
			require.True(t, wrong(t, f, line, last, o.MaxLineBytes), "%s/%s: %.300q", f.Type, f.Shape, line)
			require.Equal(t, len(line) > o.MaxLineBytes, f.Type == "oversized_line")
			if f.Type == "byte_order_mark" {
				last = healthy(t, line[3:]).timestamp
			}
			keeps(t, log, f)
		}
		offset += int64(len(line)) + 1
	}
	require.Empty(t, rest)

	repaired, err := Repaired(log, truth)
	require.NoError(t, err)
	for line := range bytes.Lines(repaired) {
		require.True(t, bytes.HasPrefix(line, []byte("{")), "%.300q", line)
		require.True(t, bytes.HasSuffix(line, []byte("}\n")) || bytes.HasSuffix(line, []byte("}\r\n")), "%.300q", line)
	}
}

// keeps checks that what repair is to keep are whole records in order, without
// what surrounds them.
func keeps(t require.TestingT, log []byte, f Finding) {
	at := f.Offset
	for _, k := range f.Keep {
		require.GreaterOrEqual(t, k.Offset, at)
		at = k.Offset + k.Length
		if f.Type == "glued_records" || f.Type == "nul_bytes" || f.Type == "byte_order_mark" || f.Type == "missing_newline" {
			healthy(t, log[k.Offset:at])
		} else {
			require.Equal(t, Range{f.Offset, f.Length}, k)
		}
	}
	require.LessOrEqual(t, at, f.Offset+f.Length)
}

// wrong reports whether the line is damaged as the finding says.
func wrong(t require.TestingT, f Finding, line []byte, last float64, limit int) bool {
	object := bytes.HasPrefix(line, []byte("{"))
	switch f.Type {
	case "byte_order_mark":
		return f.Line == 1 && bytes.HasPrefix(line, []byte("\xef\xbb\xbf"))
	case "truncated_line":
		return object && !json.Valid(line) && len(f.Keep) == 0
	case "missing_newline":
		return object && json.Valid(line)
	case "corrupted_line":
		return len(f.Keep) == 0 && (utf8.Valid(line) || !json.Valid(line)) && !bytes.Contains(line, []byte("\x00")) &&
			(!json.Valid(line) || !object) && depth(line) < 100 && !naiveSalvage(line)
	case "invalid_utf8":
		return json.Valid(line) && !utf8.Valid(line)
	case "nul_bytes":
		return bytes.Contains(line, []byte("\x00"))
	case "glued_records":
		return !json.Valid(line) && (len(f.Keep) > 1 || f.Keep[0].Offset == f.Offset || naiveSalvage(line))
	case "conflict_marker":
		return regexp.MustCompile(`^((<{7}|<{9}|>{7}|\|{7}) \S.*|={7})$`).Match(line)
	case "nonstandard_number":
		quiet := strings.NewReplacer("-Infinity", "0", "Infinity", "0", "NaN", "0").Replace(string(line))
		return !json.Valid(line) && json.Valid([]byte(quiet))
	case "oversized_line":
		return len(line) > limit
	case "too_deep":
		return depth(line) > 10000
	case "missing_kind":
		kind := members(t, line)["kind"]
		return kind == nil || kind[0] != '"'
	case "unknown_kind":
		var kind string
		return json.Unmarshal(members(t, line)["kind"], &kind) == nil && !slices.Contains(kinds, kind)
	case "missing_timestamp":
		ts := members(t, line)["timestamp"]
		return healthyBut(t, line) && (ts == nil || !strings.ContainsRune("-0123456789", rune(ts[0])))
	case "timestamp_regression":
		return healthy(t, line).timestamp < last-5
	case "duplicate_key":
		healthy(t, line) // in a map the last one counts
		return bytes.Count(line[:60], []byte(`"kind"`)) == 2 || bytes.Count(line, []byte(`"timestamp"`)) >= 2
	case "lone_surrogate":
		healthy(t, line) // encoding/json reads U+FFFD
		var v any
		require.NoError(t, json.Unmarshal(line, &v))
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return bytes.Contains(text, []byte("�"))
	case "unreadable_by_producer":
		healthy(t, line)
		return depth(line) > 1000 || bytes.Contains(line, bytes.Repeat([]byte("0"), 4300))
	case "blank_line":
		return len(bytes.TrimSpace(line)) == 0
	case "carriage_return":
		return bytes.HasSuffix(line, []byte("}\r"))
	}
	return false
}

// healthyBut reports whether the line is an object of a known kind.
func healthyBut(t require.TestingT, line []byte) bool {
	var kind string
	return json.Unmarshal(members(t, line)["kind"], &kind) == nil && slices.Contains(kinds, kind)
}

// naiveSalvage reports whether exactly one record starts at the offset at which
// a strict parser refuses the line, or one or two bytes before, and goes on to
// its end.
func naiveSalvage(line []byte) bool {
	for range 10 {
		var v json.RawMessage
		var syntax *json.SyntaxError
		if err := json.Unmarshal(line, &v); !errors.As(err, &syntax) || strings.Contains(err.Error(), "unexpected end") {
			return false
		}
		e, fits, from := int(syntax.Offset)-1, 0, 0
		for k := max(e-2, 0); k <= e; k++ {
			if line[k] == '{' {
				if m := map[string]json.RawMessage{}; json.Unmarshal(line[k:], &m) == nil && m["kind"] != nil && m["timestamp"] != nil {
					fits++
				}
				from = k
			}
		}
		if fits > 0 {
			return fits == 1
		}
		if from == 0 {
			return false
		}
		line = line[from:] // several fragments
	}
	return false
}
