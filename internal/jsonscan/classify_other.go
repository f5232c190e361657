//go:build !amd64

package jsonscan

// canClassify is false where there is no classify: the scanner does it all.
const canClassify = false

func classify(text *byte, words int, shift uint64, out *chars) (controls uint64) {
	panic("not reached")
}
