package cli

import "github.com/papyra-tools/papyra/internal/nearest"

// DidYouMean is the end of an error message: `; did you mean "repair"?`, or "".
func DidYouMean(text string, words []string) string { return nearest.DidYouMean(text, words) }
