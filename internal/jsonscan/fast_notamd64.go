//go:build !amd64

package jsonscan

// Without the assembly of amd64 for it, sort and check do their work in Go.
const (
	canWide  = false
	canCheck = false
)

type wide struct{}

func sortWide(text *byte, n, k, events int, l *Lines) int { panic("not reached") }

func checkWords(l *Lines, words, sizes int) { panic("not reached") }
