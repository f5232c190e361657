package gen

import (
	"bytes"
	"slices"
)

// corruptions are lines that are not one JSON value, and some that are one, but
// no object. None of them holds a record that the salvage rule would find.
func corruptions() []shape {
	return slices.Concat([]shape{
		{"torn", pieces((*generator).torn)},
		{"garbage", text(`Traceback (most recent call last):`)},
		{"comma_missing", edited(`", "event_type"`, `" "event_type"`)},
		{"comma_doubled", edited(`", "event_type"`, `", , "event_type"`)},
		{"comma_trailing", edited(`"}`, `",}`)},
		{"colon_missing", edited(`"system_id": `, `"system_id" `)},
		{"quote_missing", edited(`"system_id": "`, `"system_id": `)},
		{"key_unquoted", edited(`"system_id"`, `system_id`)},
		{"single_quotes", edited(`"kind"`, `'kind'`)},
		{"control_character", edited(`"system_id": "`, "\"system_id\": \"\x01")},
		{"bad_escape", edited(`"system_id": "`, `"system_id": "\x`)},
		{"short_escape", edited(`"system_id": "`, `"system_id": "\u12G4`)},
		{"python_literal", edited(`"system_id": "`, `"system_id": None, "x": "`)},
		{"leading_zero", edited(`"payload": `, `"n": 007, "payload": `)},
		{"plus_sign", edited(`"payload": `, `"n": +1, "payload": `)},
		{"bare_point", edited(`"payload": `, `"n": 1., "payload": `)},
		{"brace_doubled", pieces(func(g *generator) { g.record(); g.str("}") })},
		{"bracket_mismatched", pieces(func(g *generator) { g.eventWith(`{"list": [1, 2}`) })},
		{"text_behind", pieces(func(g *generator) { g.record(); g.str(" # note") })},
		{"text_before", pieces(func(g *generator) { g.str("INFO "); g.record() })},
		{"record_as_value", pieces(func(g *generator) { // torn after a colon: ends too early, though a record is in it
			g.eventHead()
			g.event()
		})},
	}, nonObjects())
}

// edited is an event in which the first old is replaced by new. Every event
// holds all that is edited.
func edited(old, new string) func(*generator, int) []Range {
	return pieces(func(g *generator) {
		start := len(g.buf)
		g.eventWith(`{"name": "x"}`)
		at := start + bytes.Index(g.buf[start:], []byte(old))
		g.buf = slices.Replace(g.buf, at, at+len(old), []byte(new)...)
	})
}

func nonObjects() []shape {
	return []shape{
		{"array", text(`[1, 2, 3]`)},
		{"string", text(`"kind"`)},
		{"number", text(`1710000000.5`)},
		{"true", text(`true`)},
		{"null", text(`null`)},
		{"record_in_array", pieces(func(g *generator) { g.str("["); g.record(); g.str("]") })},
	}
}

// invalidTexts are records with bytes in a string that are not UTF-8.
func invalidTexts() []shape {
	bad := func(name, s string) shape {
		return shape{name, pieces(func(g *generator) { g.eventWith(`{"text": "so ` + s + ` it goes"}`) })}
	}
	return []shape{
		bad("latin1", "Z\xfcrich"),
		bad("never_valid", "\xff\xfe"),
		bad("cut_short", "\xe2\x82"),
		bad("stray_continuation", "\x80"),
		bad("overlong", "\xc0\xaf"),
		bad("surrogate", "\xed\xa0\x80"),
		bad("beyond_unicode", "\xf4\x90\x80\x80"),
		{"at_end_of_string", pieces(func(g *generator) { g.eventWith("\"ends \xe6\x9d\"") })},
		{"in_key", pieces(func(g *generator) { g.eventWith("{\"k\xe9y\": 1}") })},
	}
}
