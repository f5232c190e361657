package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// repository is a git repository with a log to which two branches appended.
type repository struct {
	t   *testing.T
	dir string
}

// diverged makes one; attributes are those of the log.
func diverged(t *testing.T, attributes, base, ours, theirs string) repository {
	git := testtool.Need(t, "git")
	driver, err := filepath.Abs("git/papyra-merge-ndjson")
	require.NoError(t, err)
	r := repository{t, t.TempDir()}
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(r.dir, ".config"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"config", "user.name", "x"}, {"config", "user.email", "x@example.org"},
		{"config", "merge.papyra.driver", driver + " %O %A %B"}} {
		out, code := output(t, exec.Command(git, append([]string{"-C", r.dir}, args...)...))
		require.Zero(t, code, out)
	}
	r.write(".gitattributes", attributes)
	r.commit(base)
	r.git("branch", "other")
	r.commit(ours)
	r.git("checkout", "-q", "other")
	r.commit(theirs)
	r.git("checkout", "-q", "main")
	return r
}

func (r repository) git(args ...string) (string, int) {
	return output(r.t, exec.Command("git", append([]string{"-C", r.dir}, args...)...))
}

func (r repository) write(name, text string) {
	require.NoError(r.t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644))
}

func (r repository) commit(log string) {
	r.write("log.ndjson", log)
	r.git("add", "-A")
	out, code := r.git("commit", "-q", "--allow-empty", "-m", "x")
	require.Zero(r.t, code, out)
}

func (r repository) log() string {
	data, err := os.ReadFile(filepath.Join(r.dir, "log.ndjson"))
	require.NoError(r.t, err)
	return string(data)
}

// records are lines that say when they were written, and what they are.
func records(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		at, name, _ := strings.Cut(w, " ")
		b.WriteString(`{"kind":"event","timestamp":` + at + `,"name":"` + name + `"}` + "\n")
	}
	return b.String()
}

func TestMergeDriver(t *testing.T) {
	testtool.Need(t, "python3")
	torn := `{"kind":"event","time`
	for _, tt := range []struct{ name, base, ours, theirs, want string }{
		{"in order of time", records("1 a", "2 b"), records("1 a", "2 b", "3 c", "7 g", "9 i"), records("1 a", "2 b", "4 d", "8 h"),
			records("1 a", "2 b", "3 c", "4 d", "7 g", "8 h", "9 i")},
		{"the same record in both, once", records("1 a"), records("1 a", "2 b", "5 e"), records("1 a", "2 b", "3 c"), records("1 a", "2 b", "3 c", "5 e")},
		{"twice where one side has it twice", records("1 a"), records("1 a", "2 b", "2 b"), records("1 a", "2 b"), records("1 a", "2 b", "2 b")},
		{"equal times: ours first", "", records("1 a"), records("1 b"), records("1 a", "1 b")},
		{"compacted on one side", records("1 a", "2 b", "3 c"), records("3 c", "5 e"), records("1 a", "2 b", "3 c", "4 d"), records("3 c", "4 d", "5 e")},
		{"everything compacted", records("1 a"), records("5 e"), records("1 a", "4 d"), records("4 d", "5 e")},
		{"neither side's own order is touched", "", records("9 i", "1 a", "10 k"), records("5 e"), records("5 e", "9 i", "1 a", "10 k")},
		{"numbers of all forms", "", records("1e1 x", "12 z"), records("9.5 w", "11 y"), records("9.5 w", "1e1 x", "11 y", "12 z")},
		{"a torn line stays where it is", records("1 a"), records("1 a", "2 b") + torn, records("1 a", "3 c"), records("1 a", "2 b") + torn + "\n" + records("3 c")},
		{"no newline at the end of the base", strings.TrimSpace(records("1 a")), records("1 a", "3 c"), records("1 a", "2 b"), records("1 a", "2 b", "3 c")},
		{"bytes that are not UTF-8, and CR LF", "", "\xff\xfe\r\n", "[1]\n", "\xff\xfe\r\n[1]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := diverged(t, "*.ndjson -text merge=papyra\n", tt.base, tt.ours, tt.theirs)
			out, code := r.git("merge", "-q", "--no-edit", "other")
			require.Zero(t, code, out)
			require.Equal(t, tt.want, r.log())
		})
	}
}

// What the page says of git's own way.
func TestMergeUnion(t *testing.T) {
	r := diverged(t, "*.ndjson -text merge=union\n", records("1 a"), records("1 a", "3 c"), records("1 a", "2 b"))
	out, code := r.git("merge", "-q", "--no-edit", "other")
	require.Zero(t, code, out)
	require.Equal(t, records("1 a", "3 c", "2 b"), r.log())
}

// What git leaves without a driver stops at the hook, and a repair keeps the
// records of both sides.
func TestConflictMarkers(t *testing.T) {
	bin := testtool.Programs(t)
	hooks, err := os.ReadFile("../.pre-commit-hooks.yaml")
	require.NoError(t, err)
	entries := regexp.MustCompile(`(?m)^  entry: papyra-scan (.*)`).FindAllStringSubmatch(string(hooks), -1)
	require.Len(t, entries, 2)
	for _, style := range []string{"merge", "diff3"} {
		r := diverged(t, "", records("1 a"), records("1 a", "3 c"), records("1 a", "2 b"))
		_, code := r.git("-c", "merge.conflictStyle="+style, "merge", "other")
		require.Equal(t, 1, code)
		require.Contains(t, r.log(), "<<<<<<< HEAD\n")
		log := filepath.Join(r.dir, "log.ndjson")
		for _, e := range entries {
			said, code := output(t, exec.Command(filepath.Join(bin, "papyra-scan"), append(strings.Fields(e[1]), "--no-progress", log)...))
			require.Equal(t, 2, code)
			require.Contains(t, said, "CONFLICT_MARKER")
			require.NotContains(t, said, "CORRUPTED_LINE")
		}
		said, code := output(t, exec.Command(filepath.Join(bin, "papyra-repair"), "--force", log))
		require.Zero(t, code, said)
		require.Equal(t, records("1 a", "3 c", "2 b"), r.log())
		ledgers, err := filepath.Glob(log + "*ledger*")
		require.NoError(t, err)
		require.Len(t, ledgers, 1, "what was dropped is in the ledger")
	}
}
