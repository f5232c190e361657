//go:build !amd64 && !arm64

package jsonscan

// canClassify is false where there is no classify: the scanner does it all.
const canClassify = false

func classify(text *byte, words int, out *chars) { panic("not reached") }

func sortPlain(text []byte, words int, s *sight) { panic("not reached") }
