package durable_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const (
	hidden     = simDir + "/.events.ndjson.papyra-new"
	journalled = simDir + "/.events.ndjson.papyra-journal"
)

// left is one state that a killed rewrite can leave. Its files are named as in the comment of resolve, with what they hold:
// the old file has a line "late" that the new one has not, and the new one a line "young" that the old one has not.
type left struct {
	row      string // of the table in that comment
	log      string // which file has the log's name
	hidden   string // which one the hidden name
	rotated  string // which one has been rotated away
	foreign  string // which one belongs to another user
	journal  string // "ready", "unready", "damaged" or none
	action   string
	wantLog  string
	wantAway string // content of the file that was rotated away
	aside    bool   // the hidden file gets a name that can be seen
}

var contents = map[string]string{"old": "drop\nkeep\nlate\n", "new": "keep\nyoung\n", "stranger": "else\n", "second": "two\n"}

// statesLeft has each row of the table at least once.
var statesLeft = []left{
	{row: "any any", log: "old", hidden: "new", action: "removed", wantLog: "drop\nkeep\nlate\n"},
	{row: "any any", log: "stranger", hidden: "new", journal: "damaged", action: "removed", wantLog: "else\n"},
	{row: "any any", log: "stranger", journal: "damaged", action: "removed", wantLog: "else\n"},
	{row: "old none", log: "old", journal: "unready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	{row: "old none", log: "old", journal: "ready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	// Nobody else can have had the new file: what it has is ours.
	{row: "old new, unready", log: "old", hidden: "new", journal: "unready", action: "undone", wantLog: "drop\nkeep\nlate\n"},
	{row: "any none", log: "new", journal: "ready", action: "finished", wantLog: "keep\nyoung\n"},
	{row: "any none", log: "stranger", rotated: "new", journal: "ready", action: "finished", wantLog: "else\n", wantAway: "keep\nyoung\n"},
	{row: "any old", log: "new", hidden: "old", journal: "ready", action: "finished", wantLog: "keep\nyoung\nlate\n"},
	{row: "any old", log: "stranger", hidden: "old", rotated: "new", journal: "ready", action: "finished",
		wantLog: "else\n", wantAway: "keep\nyoung\nlate\n"},
	{row: "any old", log: "stranger", hidden: "old", journal: "ready", action: "finished", wantLog: "else\nlate\n"},
	{row: "any new", log: "old", hidden: "new", journal: "ready", action: "undone", wantLog: "drop\nkeep\nlate\nyoung\n"},
	{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "ready", action: "undone",
		wantLog: "else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "any new", log: "stranger", hidden: "new", rotated: "old", journal: "unready", action: "undone",
		wantLog: "else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "new a trusted", log: "new", hidden: "stranger", rotated: "old", journal: "ready", action: "undone",
		wantLog: "else\nyoung\n", wantAway: "drop\nkeep\nlate\n"},
	{row: "any another", log: "new", hidden: "stranger", foreign: "stranger", journal: "ready", action: "set aside",
		wantLog: "keep\nyoung\n", aside: true},
	{row: "any another", log: "old", hidden: "stranger", journal: "ready", action: "set aside",
		wantLog: "drop\nkeep\nlate\n", aside: true},
	{row: "any another", log: "second", hidden: "stranger", journal: "ready", action: "set aside", wantLog: "two\n", aside: true},
}

// rowsOfResolve reads the table in the comment of resolve: which file has which name.
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

// TestStateTable has a state for each row of the table that recovery goes by, and what comes of it. A scan sees
// each of them before, and none afterwards.
func TestStateTable(t *testing.T) {
	var tried []string
	for _, l := range statesLeft {
		if !slices.Contains(tried, l.row) {
			tried = append(tried, l.row)
		}
		t.Run(l.row+"/"+l.log+" "+l.hidden+" "+l.rotated+" "+l.journal, func(t *testing.T) {
			fs := simfs.New(simDir)
			ino := l.put(t, fs)
			gone, _ := fs.Get(hidden)
			found, err := durable.LeftoversOn(fs, simLog)
			require.NoError(t, err)
			require.NotEmpty(t, found)
			s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.Len(t, s.Recovered(), 1)
			require.Equal(t, l.action, s.Recovered()[0].Action)
			got, _ := fs.Get(simLog)
			require.Equal(t, l.wantLog, got)
			want := []string{simLog}
			if l.rotated != "" {
				want = append(want, simLog+".1")
				away, _ := fs.Get(simLog + ".1")
				require.Equal(t, l.wantAway, away)
				require.Equal(t, ino[l.rotated], fs.Ino(simLog+".1"))
			}
			if l.aside {
				want = append(want, s.Recovered()[0].Left...)
				aside, _ := fs.Get(s.Recovered()[0].Left[0])
				require.Equal(t, gone, aside)
			}
			require.ElementsMatch(t, want, fs.Files())
			found, err = durable.LeftoversOn(fs, simLog)
			require.NoError(t, err)
			require.Empty(t, found, "a scan finds nothing any more")
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
		fs.Put(name, contents[which])
		ino[which] = fs.Ino(name)
		if which == l.foreign {
			fs.Give(name, 4711)
		}
	}
	if l.journal != "" {
		require.NoError(t, durable.PlantJournal(fs, simLog, ino["old"], ino["new"], "drop\nkeep\n", int64(len("keep\n")), l.journal == "ready"))
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
