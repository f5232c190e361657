package durable_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const (
	hidden     = simDir + "/.events.ndjson.papyra-new"
	journalled = simDir + "/.events.ndjson.papyra-journal"
)

// left is one state that a killed rewrite can leave. Its files are named as in
// the comment of resolve, with what they hold: the old file has a line "late"
// that the new one has not, and the new one a line "young" that the old one has
// not.
type left struct {
	row      string                                      // of the table in that comment
	log      string                                      // which file has the log's name
	hidden   string                                      // which one the hidden name
	rotated  string                                      // which one has been rotated away
	foreign  string                                      // which one belongs to another user
	journal  string                                      // "ready", "unready", "damaged" or none
	holds    map[string]string                           // what files hold, if it is something else
	more     func(ino map[string]uint64) []durable.Entry // what the journal has behind its base
	lost     bool                                        // the power was lost since
	open     bool                                        // the new file ends within a line that the old one has not
	action   string
	wantLog  string
	wantAway string // content of the file that was rotated away
	aside    bool   // the hidden file gets a name that can be seen
}

var contents = map[string]string{"old": "drop\nkeep\nlate\n", "new": "keep\nyoung\n", "stranger": "somebody else\n", "second": "two\n"}

// statesLeft has each row of the table at least once.
var statesLeft = []left{
	{row: "any any", log: "old", hidden: "new", action: "removed", wantLog: "drop\nkeep\nlate\n"},
	{row: "any any", log: "stranger", hidden: "new", journal: "damaged", action: "removed", wantLog: "somebody else\n"},
	{row: "any any", log: "stranger", journal: "damaged", action: "removed", wantLog: "somebody else\n"},
	{row: "old none", log: "old", journal: "unready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	{row: "old none", log: "old", journal: "ready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	// Nobody else can have had the new file: what it has is ours.
	{row: "old new, unready", log: "old", hidden: "new", journal: "unready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	{row: "any none", log: "new", journal: "ready", action: "finished", wantLog: "keep\nyoung\n"},
	{row: "any none", log: "stranger", rotated: "new", journal: "ready", action: "finished", wantLog: "somebody else\n", wantAway: "keep\nyoung\n"},
	{row: "any old", log: "new", hidden: "old", journal: "ready", action: "finished", wantLog: "keep\nyoung\nlate\n"},
	{row: "any old", log: "stranger", hidden: "old", rotated: "new", journal: "ready", action: "finished",
		wantLog: "somebody else\n", wantAway: "keep\nyoung\nlate\n"},
	{row: "any old", log: "stranger", hidden: "old", journal: "ready", action: "finished", wantLog: "somebody else\nlate\n"},
	{row: "any new", log: "old", hidden: "new", journal: "ready", action: "undone", wantLog: "drop\nkeep\nlate\nyoung\n"},
	{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "ready", action: "undone",
		wantLog: "somebody else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "unready", action: "undone",
		wantLog: "somebody else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "new a trusted", log: "new", hidden: "stranger", rotated: "old", journal: "ready", action: "undone",
		wantLog: "somebody else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "any another", log: "new", hidden: "stranger", foreign: "stranger", journal: "ready", action: "set aside",
		wantLog: "keep\nyoung\n", aside: true},
	{row: "any another", log: "old", hidden: "stranger", journal: "ready", action: "set aside",
		wantLog: "drop\nkeep\nlate\n", aside: true},
	{row: "any another", log: "second", hidden: "stranger", journal: "ready", action: "set aside", wantLog: "two\n", aside: true},
}

// Two lines that are the same are two. Only after a power loss, which may have
// taken the record of the one that was carried, is one that stands where it
// would be taken for it.
var twice = map[string]string{"old": "drop\nkeep\nsame\n", "new": "keep\nsame\n"}

// backPlace says that what the new file has behind its base has a place in the
// old one, which is full of NULs yet.
func backPlace(ino map[string]uint64) []durable.Entry {
	p := durable.Piece{Back: true, From: int64(len("keep\n")), To: int64(len("keep\nyoung\n")), At: int64(len("drop\nkeep\nlate\n")), Into: ino["old"]}
	return []durable.Entry{{Room: &durable.Room{Back: true, Bytes: 6, After: p.At}}, {Place: &p}}
}

// overPlace says that of the room that a line had six bytes are over.
func overPlace(map[string]uint64) []durable.Entry {
	return []durable.Entry{{Place: &durable.Piece{From: 10, To: 15, At: 5, Over: 6}}}
}

// everyState returns all states that are tried.
func everyState() []left {
	roomy := map[string]string{"old": contents["old"] + "\x00\x00\x00\x00\x00\x00", "new": contents["new"]}
	all := append(slices.Clone(statesLeft),
		left{row: "any old", log: "new", hidden: "old", journal: "ready", holds: twice, action: "finished", wantLog: "keep\nsame\nsame\n"},
		left{row: "any old", log: "new", hidden: "old", journal: "ready", holds: twice, lost: true, action: "finished", wantLog: "keep\nsame\n"},
		left{row: "any new", log: "old", hidden: "new", journal: "ready", holds: twice, action: "undone", wantLog: "drop\nkeep\nsame\nsame\n"},
		left{row: "any new", log: "old", hidden: "new", journal: "ready", holds: twice, lost: true, action: "undone", wantLog: "drop\nkeep\nsame\n"},
		left{row: "any new", log: "old", hidden: "new", journal: "ready", holds: roomy, more: backPlace, action: "undone",
			wantLog: "drop\nkeep\nlate\nyoung\n"},
		// Room in the new file is nobody's.
		left{row: "any new", log: "old", hidden: "new", journal: "ready", action: "undone",
			holds: map[string]string{"old": contents["old"], "new": contents["new"] + strings.Repeat("\x00", 5)},
			more: func(map[string]uint64) []durable.Entry {
				return []durable.Entry{{Room: &durable.Room{Bytes: 5, After: 11}}}
			}, wantLog: "drop\nkeep\nlate\nyoung\n"},
		// So is what is over of it, as far as nobody else's bytes are there
		// after a power loss.
		left{row: "any new", log: "old", hidden: "new", journal: "ready", more: overPlace, action: "undone",
			holds: map[string]string{"old": contents["old"], "new": "keep\nlate\n\n" + strings.Repeat("\x00", 5) + "young\n"}, wantLog: "drop\nkeep\nlate\n\nyoung\n"},
		left{row: "any new", log: "old", hidden: "new", journal: "ready", more: overPlace, lost: true, action: "undone",
			holds: map[string]string{"old": contents["old"], "new": "keep\nlate\nyoung\n"}, wantLog: "drop\nkeep\nlate\nyoung\n"},
		// Room in the old file is none in the new one: NULs there are somebody
		// else's.
		left{row: "any new", log: "old", hidden: "new", journal: "ready", action: "undone",
			holds: map[string]string{"old": contents["old"] + strings.Repeat("\x00", 8), "new": "keep\ny\x00\x00\x00\x00\x00g\n"},
			more: func(ino map[string]uint64) []durable.Entry {
				return []durable.Entry{{Room: &durable.Room{Back: true, Bytes: 8, After: 5, Into: ino["old"]}}}
			}, wantLog: "drop\nkeep\nlate\ny\x00\x00\x00\x00\x00g\n"},
		// What the old file has lost the new one may still have.
		left{row: "any old", log: "new", hidden: "old", journal: "ready", lost: true,
			holds: map[string]string{"old": "drop\nkeep\n\x00\x00\x00\x00\n", "new": "keep\nlate\n"},
			more: func(map[string]uint64) []durable.Entry {
				return []durable.Entry{{Place: &durable.Piece{From: 10, To: 15, At: 5}}}
			}, action: "finished", wantLog: "keep\nlate\n"},
		// Room in a new file that is gone is none in the one that has the log's
		// name.
		left{row: "any old", log: "stranger", hidden: "old", journal: "ready", action: "finished",
			holds: map[string]string{"old": contents["old"], "stranger": "somebody else\n" + strings.Repeat("\x00", 5) + "\n"},
			more: func(map[string]uint64) []durable.Entry {
				return []durable.Entry{{Room: &durable.Room{Bytes: 5, After: 5}}}
			}, wantLog: "somebody else\n" + strings.Repeat("\x00", 5) + "\nlate\n"},
		// Rotated in the middle of a roll-back: what has its place or its room in
		// the old file stays there.
		left{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "ready", holds: roomy, action: "undone",
			more: func(ino map[string]uint64) []durable.Entry {
				return []durable.Entry{{Room: &durable.Room{Back: true, Bytes: 6, After: 15, Into: ino["old"]}}}
			}, wantLog: "somebody else\n", wantAway: "drop\nkeep\nlate\nyoung\n"},
		left{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "ready", holds: roomy, more: backPlace, action: "undone",
			wantLog: "somebody else\n", wantAway: "drop\nkeep\nlate\nyoung\n"},
		// A new file that was empty.
		left{row: "any old", log: "new", hidden: "old", journal: "ready", holds: map[string]string{"old": contents["old"], "new": strings.Repeat("\x00", 5)},
			more: func(ino map[string]uint64) []durable.Entry {
				return []durable.Entry{{Base: &durable.Base{Old: ino["old"], New: ino["new"], Copied: 10, Ready: true}}, {Place: &durable.Piece{From: 10, To: 15}}}
			}, action: "finished", wantLog: "late\n"},
	)
	all = append(all, pieceStates()...)
	for _, l := range statesLeft { // none of these depends on whether the power was lost
		if l.lost = true; l.journal != "" {
			all = append(all, l)
		}
	}
	return all
}

// rowsOfResolve reads the table in the comment of resolve: which file has which
// name.
func rowsOfResolve(t *testing.T) (rows []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "recover.go", nil, parser.ParseComments)
	require.NoError(t, err)
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "resolve" {
			continue
		}
		for line := range strings.Lines(f.Doc.Text()) {
			if !strings.HasPrefix(line, "\t") {
				continue
			}
			columns := regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1)
			require.Len(t, columns, 4, line)
			rows = append(rows, columns[0]+" "+columns[1])
		}
	}
	require.NotEmpty(t, rows)
	return rows[1:] // the heading
}

// TestStateTable has a state for each row of the table that recovery goes by,
// and what comes of it. A scan sees each of them before, and none afterwards.
func TestStateTable(t *testing.T) {
	var tried []string
	for i, l := range everyState() {
		if !slices.Contains(tried, l.row) {
			tried = append(tried, l.row)
		}
		t.Run(fmt.Sprint(l.row, "/", i), func(t *testing.T) {
			fs := simfs.New(simDir)
			ino := l.put(t, fs)
			gone := content(fs, hidden)
			found, err := durable.LeftoversOn(fs, simLog)
			require.NoError(t, err)
			require.NotEmpty(t, found)
			s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.Len(t, s.Recovered(), 1)
			require.Equal(t, l.action, s.Recovered()[0].Action)
			l.settled(t, fs, ino, gone, s.Recovered(), strings.Clone)
		})
	}
	require.Equal(t, rowsOfResolve(t), tried, "the rows of the comment, and those that are tried")
}

// put makes the files, and returns what their inodes are.
func (l left) put(t *testing.T, fs *simfs.FS) map[string]uint64 {
	t.Helper()
	ino := map[string]uint64{}
	for _, which := range []string{"old", "new", "stranger", "second"} { // each has an inode, whether it stays or not
		name := filepath.Join(simDir, which)
		text, other := l.holds[which]
		if !other {
			text = contents[which]
		}
		fs.Put(name, text)
		ino[which] = fs.Ino(name)
		if which == l.foreign {
			fs.Give(name, 4711)
		}
	}
	if l.journal != "" {
		const begins = "drop\nkeep\n"
		b := durable.Base{Old: ino["old"], New: ino["new"], Copied: int64(len(begins)), Mark: durable.Mark(begins), Length: int64(len("keep\n")),
			Open: l.open, Ready: l.journal == "ready", Guarantee: durable.Exclusive, Life: fs.Life(simDir)}
		if l.lost {
			b.Life = "another"
		}
		var more []durable.Entry
		if l.more != nil {
			more = l.more(ino)
		}
		require.NoError(t, durable.PlantJournal(fs, simLog, b, more...))
	}
	if l.journal == "damaged" {
		fs.Cut(journalled, 100)
	}
	for which := range ino {
		switch name := filepath.Join(simDir, which); which {
		case l.log:
			fs.MoveAway(name, simLog)
		case l.hidden:
			fs.MoveAway(name, hidden)
		case l.rotated:
			fs.MoveAway(name, simLog+".1")
		default:
			require.NoError(t, fs.Remove(name))
		}
	}
	require.NoError(t, fs.SyncDir(simDir))
	return ino
}

// noBlankLines leaves out what became of room that came to nothing.
func noBlankLines(text string) string {
	return regexp.MustCompile(`\n+`).ReplaceAllString(text, "\n")
}

// settled checks what became of the files.
func (l left) settled(t *testing.T, fs *simfs.FS, ino map[string]uint64, gone string, told []durable.Recovery, seen func(string) string) {
	t.Helper()
	require.Equal(t, seen(l.wantLog), seen(content(fs, simLog)))
	want := []string{simLog}
	if l.rotated != "" {
		want = append(want, simLog+".1")
		require.Equal(t, seen(l.wantAway), seen(content(fs, simLog+".1")))
		require.Equal(t, ino[l.rotated], fs.Ino(simLog+".1"))
	}
	if l.aside {
		want = append(want, told[0].Left...)
		require.Equal(t, gone, content(fs, told[0].Left[0]))
	}
	require.ElementsMatch(t, want, fs.Files())
	found, err := durable.LeftoversOn(fs, simLog)
	require.NoError(t, err)
	require.Empty(t, found, "a scan finds nothing any more")
}

// An error at any operation of a recovery is reported, as that of a recovery,
// and the next one comes to the same end; so it does if half of the operation
// was done.
func TestFaultsOfStates(t *testing.T) {
	whole := everyState()
	half := slices.DeleteFunc(everyState(), func(l left) bool { return l.lost }) // or it may be half of what the loss left of a line
	for n, l := range append(whole, half...) {
		for i, hit := 0, true; hit; i++ {
			fs, op := simfs.New(simDir), ""
			ino := l.put(t, fs)
			gone := content(fs, hidden)
			failsAt(fs, i, &op)
			if fails := fs.Fault; n >= len(whole) {
				fs.Fault = func(op simfs.Op) simfs.Fault {
					f := fails(op)
					f.Partial = f.Err != nil
					return f
				}
			}
			when := fmt.Sprintf("%s, %s, %s, EIO at %d", l.row, l.log, l.hidden, i)
			s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
			fs.Fault = nil
			hit = op != ""
			if err != nil {
				require.ErrorIs(t, err, syscall.EIO, "%s: %s", when, op)
				var refused *durable.RefusedError
				require.False(t, errors.As(err, &refused) && !strings.Contains(op, "ease "), "%s: %s", when, op)
				s, err = durable.Begin(context.Background(), simLog, simOptions(fs))
			}
			require.NoError(t, err, "%s: %s", when, op)
			require.NoError(t, s.Close())
			if l.aside { // it may have got two names
				require.Equal(t, l.wantLog, content(fs, simLog))
				for _, name := range fs.Files()[1:] {
					require.Contains(t, name, ".set-aside.")
					require.Equal(t, gone, content(fs, name))
				}
				continue
			}
			l.settled(t, fs, ino, gone, s.Recovered(), noBlankLines)
		}
	}
}

// A recovery that is killed, or loses the power as the rewrite had, at any
// operation leaves a state from which the next one comes to the same end, with
// NULs in new blocks or junk; in torture so does that one.
func TestKilledRecoveryOfStates(t *testing.T) {
	depth, _ := crashDepth()
	states := 0
	for n, l := range append(everyState(), everyState()...) {
		if l.aside { // it may have got two names
			continue
		}
		fs, seen := simfs.New(simDir), noBlankLines
		ino := l.put(t, fs)
		if fs.Garbage = n >= len(everyState()); fs.Garbage {
			seen = func(text string) string { return regexp.MustCompile(`[#\n]+`).ReplaceAllString(text, "") }
		}
		var try func(fs *simfs.FS, trail string, more int)
		try = func(fs *simfs.FS, trail string, more int) {
			moves := -1
			fs.Hook = func(op simfs.Op) {
				if more == 0 || fs.Moves() == moves {
					return
				}
				moves = fs.Moves()
				when := fmt.Sprintf("%s>%d:%s", trail, op.N, op.Name)
				try(fs.Clone(), when+"/kill", more-1)
				if l.lost && l.journal != "damaged" { // or the damage would be lost
					fs.Crashes(func(c *simfs.FS) { try(c, when+"/loss", more-1) })
				}
			}
			require.NoError(t, recovered(context.Background(), fs), trail)
			fs.Hook = nil
			l.settled(t, fs, ino, "", nil, seen)
			states++
		}
		try(fs, fmt.Sprintf("%s, %s, %s", l.row, l.log, l.hidden), depth)
	}
	t.Logf("%d states recovered", states)
}
