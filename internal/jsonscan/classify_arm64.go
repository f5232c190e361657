package jsonscan

// canClassify is true: every arm64 has what classify needs.
const canClassify = true

// classify sorts the bytes of text[:64*words] into out, one element for each
// 64 bytes. words must be at least 1. It reads text[:64*words] and nothing else.
//
//go:noescape
func classify(text *byte, words int, out *chars)

// sortPlain sorts words of text into s, as if there were no escapes. words must
// be at least 1. It reads text[:64*words] and nothing else.
//
//go:noescape
func sortPlain(text []byte, words int, s *sight)
