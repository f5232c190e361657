//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakRSS returns the largest resident memory of an ended process, in bytes.
// The kernel counts what this process had when it forked, so this program keeps
// itself small: some 10 MB are the floor of what it can tell.
func peakRSS(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // 32 bits on some systems
	}
	return int64(usage.Maxrss) << 10
}
