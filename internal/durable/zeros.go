package durable

import "io"

var zeros [64 << 10]byte

// WriteZeros writes n NUL bytes to w. [Output.Zeros] adds a hole instead.
func WriteZeros(w io.Writer, n int64) error {
	for n > 0 {
		m, err := w.Write(zeros[:min(n, int64(len(zeros)))])
		if err != nil {
			return err
		}
		n -= int64(m)
	}
	return nil
}
