package jsonscan

import "golang.org/x/sys/cpu"

var (
	// canClassify says that the processor has what classify needs.
	canClassify = cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ
	// canCheck says that it has what checkWords needs.
	canCheck = cpu.X86.HasAVX && cpu.X86.HasBMI1 && cpu.X86.HasBMI2 && cpu.X86.HasPCLMULQDQ
)

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

// checkWords is check, in assembly; sizes is how many of l.sizes there are.
//
//go:noescape
func checkWords(l *Lines, words, sizes int)
