//go:build !amd64

package jsonscan

// Without the assembly of amd64 for it, sort, check and follow do their work in
// Go.
const (
	canWide   = false
	canCheck  = false
	canFollow = false
)

type wide struct{}

func sortWide(text *byte, n, k, events int, l *Lines, c *carry, s *sight) int { panic("not reached") }

func checkWords(l *Lines, words, sizes int) { panic("not reached") }

func followFast(s *shapes, i int) (ending, end, why int) { panic("not reached") }
