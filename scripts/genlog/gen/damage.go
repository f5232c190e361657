package gen

import "strings"

// damages lists all that can be done to a log, in a fixed order, on which the
// bytes of a seed depend.
func damages() []damage {
	return []damage{
		{name: "byte_order_mark", head: true, shapes: []shape{{"mark", pieces(func(g *generator) { g.str("\ufeff") }, whole)}}},
		{name: "truncated_line", tail: true, shapes: []shape{{"cut", pieces((*generator).torn)}}},
		{name: "missing_newline", tail: true, shapes: []shape{{"whole", kept((*generator).record)}}},
		{name: "corrupted_line", shapes: corruptions()},
		{name: "non_object", typ: "corrupted_line", shapes: nonObjects()},
		{name: "invalid_utf8", shapes: invalidTexts()},
		{name: "nul_bytes", shapes: nulRuns()},
		{name: "glued_records", shapes: gluings()},
		{name: "conflict_marker", shapes: []shape{
			{"ours", text("<<<<<<< HEAD")}, {"middle", text("=======")}, {"theirs", text(">>>>>>> feature/logs")},
			{"base", text("||||||| merged common ancestors")}, {"nested", text("<<<<<<<<< Temporary merge branch 1")},
		}},
		{name: "nonstandard_number", shapes: []shape{
			{"nan", kept((*generator).nan)},
			{"infinity", payload(`{"low": 0, "high": Infinity}`)},
			{"negative_infinity", payload(`[1.5, -Infinity, 2]`)},
			{"nested_nan", payload(`{"values": [[NaN, 1], [2, NaN]], "note": "NaN"}`)},
		}},
		{name: "oversized_line", shapes: []shape{
			{"one_byte_over", pieces(func(g *generator) { g.oversized(1) })},
			{"far_over", pieces(func(g *generator) { g.oversized(g.o.MaxLineBytes/2 + g.intn(1000)) })},
			{"no_json", pieces(func(g *generator) { g.str(strings.Repeat("x", g.o.MaxLineBytes+1)) })},
		}},
		{name: "too_deep", shapes: []shape{
			{"one_level", pieces(func(g *generator) { g.deep(10001) })},
			{"objects", pieces(func(g *generator) {
				g.eventWith(strings.Repeat(`{"a": `, 10500) + "1" + strings.Repeat("}", 10500))
			})},
			{"unclosed", pieces(func(g *generator) { g.str(`{"kind": "event", "payload": ` + strings.Repeat("[", 100000)) })},
		}},
		{name: "missing_kind", shapes: []shape{
			{"absent", kept(func(g *generator) { g.withHead(`{`) })},
			{"number", kept(func(g *generator) { g.withHead(`{"kind": 7, `) })},
			{"null", kept(func(g *generator) { g.withHead(`{"kind": null, `) })},
			{"other_case", kept(func(g *generator) { g.withHead(`{"KIND": "event", "Kind": "event", `) })},
			{"nested_only", kept(func(g *generator) { g.withHead(`{"inner": {"kind": "event"}, `) })},
		}},
		{name: "unknown_kind", shapes: []shape{
			{"new_name", kept(func(g *generator) { g.withHead(`{"kind": "trace", `) })},
			{"empty", kept(func(g *generator) { g.withHead(`{"kind": "", `) })},
			{"other_case", kept(func(g *generator) { g.withHead(`{"kind": "Event", `) })},
			{"prefix", kept(func(g *generator) { g.withHead(`{"kind": "event2", `) })},
		}},
		{name: "missing_timestamp", shapes: []shape{
			{"absent", kept(func(g *generator) { g.cutTimestamp() })},
			{"string", kept(func(g *generator) { g.withTimestamp(`"2024-03-09T16:00:00Z"`) })},
			{"digits_in_string", kept(func(g *generator) { g.withTimestamp(`"1710000000.5"`) })},
			{"null", kept(func(g *generator) { g.withTimestamp(`null`) })},
			{"object", kept(func(g *generator) { g.withTimestamp(`{"timestamp": 1710000000.5}`) })},
		}},
		{name: "timestamp_regression", shapes: []shape{{"older", kept((*generator).regression)}}},
		{name: "duplicate_key", shapes: []shape{
			{"kind", kept(func(g *generator) { g.doubled(`"kind": "audit", `) })},
			{"unknown_kind_first", kept(func(g *generator) { g.doubled(`"kind": "trace", `) })},
			{"timestamp", kept(func(g *generator) { g.doubled(`"timestamp": 1.5, `) })},
			{"no_timestamp_first", kept(func(g *generator) { g.doubled(`"timestamp": null, `) })},
		}},
		{name: "lone_surrogate", shapes: []shape{
			{"high", payload(`{"text": "cut \ud83d here"}`)},
			{"low", payload(`{"text": "\ude80 first"}`)},
			{"reversed", payload(`["\ude80\ud83d"]`)},
			{"high_at_end", payload(`"ends in \uD83D"`)},
			{"key", payload(`{"\udc00": 1}`)},
		}},
		{name: "unreadable_by_producer", shapes: []shape{
			{"deep", kept(func(g *generator) { g.deep(9000) })},
			{"long_integer", kept(func(g *generator) { g.eventWith(`{"n": 1` + strings.Repeat("0", 4300) + `}`) })},
		}},
		{name: "blank_line", shapes: []shape{
			{"empty", text("")}, {"spaces", text("   ")}, {"tabs", text("\t \t")}, {"carriage_return", text("\r")},
		}},
		{name: "carriage_return", shapes: []shape{{"crlf", kept(func(g *generator) { g.record(); g.str("\r") })}}},
	}
}

// DamageNames returns the names that Options.Damage takes: the types that
// reports name, and non_object for the corrupted lines that are JSON, but no
// object.
func DamageNames() []string {
	var names []string
	for _, d := range damages() {
		names = append(names, d.name)
	}
	return names
}

// kept is a shape whose line repair keeps as it is.
func kept(write func(*generator)) func(*generator, int) []Range {
	return func(g *generator, start int) []Range {
		write(g)
		return []Range{{0, int64(len(g.buf) - start)}}
	}
}

// whole stands for a whole record among pieces.
var whole func(*generator)

// pieces is a shape of several pieces, of which repair keeps the whole records
// and nothing else.
func pieces(all ...func(*generator)) func(*generator, int) []Range {
	return func(g *generator, start int) (keep []Range) {
		for _, write := range all {
			if write != nil {
				write(g)
				continue
			}
			from := len(g.buf)
			g.record()
			keep = append(keep, Range{int64(from - start), int64(len(g.buf) - from)})
		}
		return keep
	}
}

func payload(json string) func(*generator, int) []Range {
	return kept(func(g *generator) { g.eventWith(json) })
}

func text(line string) func(*generator, int) []Range {
	return pieces(func(g *generator) { g.str(line) })
}
