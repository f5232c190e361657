//go:build !amd64

package jsonscan

// canWide is false where there is no sortWide.
const canWide = false

type wide struct{}

func sortWide(text *byte, n, k, events int, l *Lines) int { panic("not reached") }
