package cli

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/nearest"
)

// Word finds text among words without regard to case and returns it as it is
// spelled there. Otherwise the error names the words and the likeliest one.
func Word(text string, words []string) (string, error) {
	for _, w := range words {
		if strings.EqualFold(text, w) {
			return w, nil
		}
	}
	var shown []string
	for _, w := range words {
		if w != "" {
			shown = append(shown, w)
		}
	}
	return "", fmt.Errorf("unknown %q, want %s%s", text, orList(shown), nearest.DidYouMean(text, shown))
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
