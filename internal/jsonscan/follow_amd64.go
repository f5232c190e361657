package jsonscan

import "golang.org/x/sys/cpu"

// canFollow says that the processor has what followFast needs.
var canFollow = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// followFast is follow, in assembly.
//
//go:noescape
func followFast(s *shapes, i int) (ending, end, why int)
