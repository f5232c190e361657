package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinks: what a page links to is there, headings included.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	more, err := filepath.Glob("../../*/README.md")
	require.NoError(t, err)
	pages = append(append(pages, more...), "../../README.md", "../../CONTRIBUTING.md", "../../CHANGELOG.md", "../../testdata/corpus/README.md")
	drop := regexp.MustCompile("[^\\w\\- ]")
	n := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\]\(([^()\s:#]*)(?:#([^()\s]*))?\)`).FindAllStringSubmatch(string(text), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), m[1])
			}
			n++
			_, err := os.Stat(target)
			require.NoError(t, err, page)
			if m[2] == "" {
				continue
			}
			there, err := os.ReadFile(target)
			require.NoError(t, err)
			found := false
			for _, h := range regexp.MustCompile(`(?m)^#+ (.*)`).FindAllStringSubmatch(string(there), -1) {
				anchor := strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")
				found = found || anchor == m[2]
			}
			require.True(t, found, "%s: %s has no heading #%s", page, target, m[2])
		}
	}
	require.Greater(t, n, 50)
}
