package cli

import (
	"bufio"
	"io"
	"os"
)

// stdinIsNothing reports whether nobody has given us anything to read: standard
// input is a terminal or /dev/null, which is also what Go's runtime puts in the
// place of a closed one.
func (e *Env) stdinIsNothing() bool {
	if e.Stdin == nil || e.StdinIsTerminal() {
		return true
	}
	if e.StdinFile == nil {
		return false
	}
	info, err := e.StdinFile.Stat()
	if err != nil {
		return true
	}
	if info.Mode()&os.ModeDevice == 0 {
		return false // on Windows a pipe would be the same file as the null device
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// stdinDelivers reports whether standard input is a pipe, a regular file or a
// socket with at least one byte in it. It waits for the first byte or the end.
// Others (terminals, /dev/null and other devices) are not looked into.
func (e *Env) stdinDelivers() bool {
	if e.Stdin == nil {
		return false
	}
	if e.StdinFile != nil {
		info, err := e.StdinFile.Stat()
		if err != nil {
			return false
		}
		if mode := info.Mode(); !mode.IsRegular() && mode&(os.ModeNamedPipe|os.ModeSocket) == 0 {
			return false
		}
		if info.Mode().IsRegular() {
			at, err := e.StdinFile.Seek(0, io.SeekCurrent)
			return err == nil && at < info.Size()
		}
	}
	r := bufio.NewReaderSize(e.Stdin, 1<<16)
	e.Stdin = r
	_, err := r.Peek(1)
	return err != io.EOF // a read error is found again, and reported, by whoever reads
}
