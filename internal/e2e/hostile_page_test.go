package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs/HOSTILE.md is the catalogue; PAPYRA_UPDATE_SCRIPTS=1 writes it anew.
func TestHostilePage(t *testing.T) {
	const page = "../../docs/HOSTILE.md"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	const mark = "<!-- The rest is written by go test ./internal/e2e -run TestHostilePage with PAPYRA_UPDATE_SCRIPTS=1. -->\n"
	head, _, ok := strings.Cut(string(text), mark)
	require.True(t, ok)
	var b strings.Builder
	n := 0
	cell := strings.NewReplacer("|", `\|`, "\n", "; ")
	for _, c := range catalogue {
		fmt.Fprintf(&b, "\n## %s\n\n| planted | tried with | exit |\n|---|---|---|\n", c.heading)
		for _, s := range c.situations {
			n++
			if s.by != "" {
				fmt.Fprintf(&b, "| %s | %s | |\n", cell.Replace(s.what), s.by)
				continue
			}
			fmt.Fprintf(&b, "| %s | `%s` | %d |\n", cell.Replace(s.what), cell.Replace(s.run), s.exit)
		}
	}
	require.GreaterOrEqual(t, n, 120)
	want := head + mark + fmt.Sprintf("\n%d situations.\n", n) + b.String()
	if os.Getenv("PAPYRA_UPDATE_SCRIPTS") != "" {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(text))
}

// Each situation stands once, and what is said to be tried elsewhere is tried
// there.
func TestHostileCatalogue(t *testing.T) {
	tests := map[string]bool{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(text, -1) {
			tests[string(m[1])] = true
		}
		return err
	}))
	seen := map[string]bool{}
	for _, c := range catalogue {
		require.NotEmpty(t, c.situations)
		for _, s := range c.situations {
			require.NotEmpty(t, s.what)
			require.False(t, seen[c.heading+s.what], "%s: %s stands twice", c.heading, s.what)
			seen[c.heading+s.what] = true
			switch name := strings.Trim(s.by, "`"); {
			case name == "":
				require.NotEmpty(t, s.run, s.what)
				require.True(t, s.out+s.err+s.after+s.changes != "" || s.exit != 0, "%s: nothing is asserted", s.what)
			case strings.HasPrefix(name, "Test"):
				require.True(t, tests[name], "there is no %s", name)
			default:
				require.FileExists(t, "../../testdata/script/"+name+".txtar")
			}
		}
	}
}
