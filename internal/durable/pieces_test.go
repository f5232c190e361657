package durable_test

import (
	"strings"

	"github.com/papyra-tools/papyra/internal/durable"
)

// pieceStates are those of a rewrite that was killed, or lost its power, while
// it brought pieces over: which of them has a record or room, what else stands
// in the new file, and what comes of it. Of the old file everything behind
// "drop\nkeep\n", its first ten bytes, has yet to be in the new one, behind
// "keep\n", its first five.
func pieceStates() (all []left) {
	nul := func(n int) string { return strings.Repeat("\x00", n) }
	blank := func(n int) string { return strings.Repeat("\n", n) }
	place := func(from, to, at int64) durable.Entry {
		return durable.Entry{Place: &durable.Piece{From: from, To: to, At: at}}
	}
	room := func(after, bytes int64) durable.Entry {
		return durable.Entry{Room: &durable.Room{After: after, Bytes: bytes}}
	}
	roomy := durable.Entry{Place: &durable.Piece{From: 10, To: 12, At: 5, Over: 5}}
	for _, s := range []struct {
		rest, there string // of the old file, and of the new one
		journal     []durable.Entry
		lost, open  bool
		within      bool   // both end within a line that goes on
		want        string // of what is there
	}{
		// Room, and no record of what for.
		{rest: "late\n", there: nul(5), journal: []durable.Entry{room(5, 5)}, want: "late\n"},
		{rest: "late\n", there: "young\n" + nul(5), journal: []durable.Entry{room(11, 5)}, want: "young\nlate\n"},
		{rest: "late\n", there: "half" + nul(6), journal: []durable.Entry{room(9, 6)}, want: "half\nlate\n"},
		{rest: "late\n", there: nul(6), journal: []durable.Entry{room(5, 6)}, open: true, want: "\nlate\n"},
		{rest: "late\n", there: "young\n", journal: []durable.Entry{room(11, 5)}, want: "young\nlate\n"},
		// Less of it, at the very end; a run of somebody else's NULs; a longer
		// one, of which the last are ours.
		{rest: "a\nlate\n", there: nul(3), journal: []durable.Entry{room(5, 7)}, want: "a\n" + blank(1) + "late\n"},
		{rest: "late\n", there: nul(3), journal: []durable.Entry{room(5, 5)}, want: blank(3) + "late\n"},
		{rest: "late\n", there: nul(2) + "young\n" + nul(5), journal: []durable.Entry{room(5, 5)}, want: nul(2) + "young\nlate\n"},
		{rest: "late\n", there: "ab" + nul(7), journal: []durable.Entry{room(7, 6)}, want: "ab\n\nlate\n"},
		{rest: "late\n", there: nul(3) + "young\n" + nul(2), journal: []durable.Entry{room(5, 5)},
			want: nul(3) + "young\n" + blank(2) + "late\n"},
		// A record, and its place is empty, cut, or somebody else's.
		{rest: "late\n", there: nul(5), journal: []durable.Entry{place(10, 15, 5)}, want: "late\n"},
		{rest: "late", there: "late", journal: []durable.Entry{place(10, 14, 5)}, want: "late"},
		{rest: "late\n", there: nul(5) + "young\n", journal: []durable.Entry{place(10, 15, 5)}, want: "late\nyoung\n"},
		{rest: "late\n", there: "la", journal: []durable.Entry{place(10, 15, 5)}, lost: true, want: blank(2) + "late\n"},
		{rest: "late\n", there: "XXate\nyoung\n", journal: []durable.Entry{place(10, 15, 5)}, lost: true, want: "XXate\nyoung\nlate\n"},
		{rest: "a\nlate\n", there: "a\nlaXX\n", journal: []durable.Entry{place(10, 17, 5)}, lost: true, want: "a\nlaXX\nlate\n"},
		{rest: "late\n", there: "strange" + nul(1) + "late\n", journal: []durable.Entry{place(10, 15, 13)}, lost: true, want: "strange\nlate\n"},
		// The first does not fit: what stands of the others is taken away, and
		// all come anew; a line of somebody else's that is the same stays.
		{rest: "a\nlate\nmore\n", there: "X\nlate\nmore\n", journal: []durable.Entry{place(10, 12, 5), place(12, 17, 7)}, lost: true,
			want: "X\n" + blank(10) + "a\nlate\nmore\n"},
		{rest: "a\nlate\n", there: "X\nlate\nlate\n", journal: []durable.Entry{place(10, 12, 5), place(12, 17, 12)}, lost: true,
			want: "X\nlate\n" + blank(5) + "a\nlate\n"},
		// A later record supersedes an earlier one from where it begins.
		{rest: "a\nlate\n", there: "a\nyoung\nlate\n", journal: []durable.Entry{place(10, 17, 5), place(12, 17, 13)}, want: "a\nyoung\nlate\n"},
		// The rest of its room becomes blank lines, unless a later piece is there
		// after a power loss.
		{rest: "a\nlate\n", there: "a\n\n\n" + nul(3), journal: []durable.Entry{roomy}, want: "a\n" + blank(5) + "late\n"},
		{rest: "a\nlate\n", there: "a\n" + nul(5), journal: []durable.Entry{roomy, place(12, 17, 7)}, lost: true, want: "a\nlate\n"},
		// No record, for the power was lost.
		{rest: "late\nmore\n", there: "XXXX\nmore\n", lost: true, want: "XXXX\n" + blank(5) + "late\nmore\n"},
		{rest: "late\nmore\n", there: "XXXXXmore\n", lost: true, want: "XXXXXmore\nlate\nmore\n"},
		{rest: "late\nmore\n", there: "late\nmo", lost: true, want: "late\n" + blank(2) + "more\n"},
		{rest: "late\nmore\n", there: "late\n" + nul(5), lost: true, want: "late\nmore\n"},
		// The old file has lost a part: it may be anything, and is not taken
		// for what is there.
		{rest: "late\nmo" + nul(2) + "\n", there: "late\nmore\n", lost: true, want: "late\nmore\nmo" + nul(2) + "\n"},
		{rest: "late\n{" + nul(8) + "\n", there: "late\n{young}\n", lost: true, want: "late\n{young}\n{" + nul(8) + "\n"},
		{rest: "late\n", there: "", open: true, want: "\nlate\n"},
		{rest: "late\n", there: "", lost: true, open: true, want: "\nlate\n"},
		{rest: "late\n", there: "\nlate\n", lost: true, open: true, want: "\nlate\n"},
		{rest: "", there: "\nyoung\n", lost: true, open: true, want: "\nyoung\n"},
		{rest: "", there: nul(3), lost: true, open: true, want: blank(3)},
		{rest: "late\nmore\n", there: "\nXXXX\nmore\n", lost: true, open: true, want: "\nXXXX\n" + blank(5) + "late\nmore\n"},
		// The line that both end within goes on.
		{rest: "late\n", there: nul(5), journal: []durable.Entry{room(5, 5)}, within: true, want: "late\n"},
	} {
		begins := "keep\n"
		if s.open || s.within {
			begins = "keep!"
		}
		all = append(all, left{row: "any old", log: "new", hidden: "old", journal: "ready", lost: s.lost, open: s.open,
			holds:  map[string]string{"old": "drop\nkeep\n" + s.rest, "new": begins + s.there},
			more:   func(map[string]uint64) []durable.Entry { return s.journal },
			action: "finished", wantLog: begins + s.want})
	}
	return all
}
