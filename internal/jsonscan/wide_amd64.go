package jsonscan

import "golang.org/x/sys/cpu"

// canWide says that the processor has what sortWide needs.
var canWide = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512VBMI2 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT

// sortWide sorts text[:64*n] into the words of l from word k on, and appends to
// its events, of which there are events before. It returns how many there are.
// n must be at least 1. It reads text[:64*n] and nothing else. c is what it
// carries over from word to word.
//
// If s is not nil, it sorts for that instead, from its first word on, and of l
// nothing is written. It returns how many words come before the first one in
// which something is wrong with an escape or with UTF-8.
//
//go:noescape
func sortWide(text *byte, n, k, events int, l *Lines, c *carry, s *sight) int

// wide is what sortWide needs of the word before for what strings hold beside
// plain ASCII: whole masks.
type wide struct {
	slash     uint64 // backslashes
	unit      uint64 // the u of an escape
	surrogate uint64 // the first digit of a unit, if it is a D
	highHalf  uint64 // the second digit of a unit that is the first of a pair
	high      uint64 // not ASCII
	lead2     uint64 // the first byte of a character of two or more bytes,
	lead3     uint64 // of three or more,
	lead4     uint64 // of four
	e0, ed    uint64 // E0 and ED: the byte behind them has narrower bounds
	f0, f4    uint64 // and so behind F0 and F4
}
