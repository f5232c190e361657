package jsonscan

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// benchText is a text like the producer's, or the first 64 MiB of the log that
// LOG names.
func benchText(b *testing.B) []byte {
	path := os.Getenv("LOG")
	if path == "" {
		return []byte(strings.Repeat(strings.Join(fastLines, "\n")+"\n", 2000))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return text[:bytes.LastIndexByte(text[:min(len(text), 64<<20)], '\n')+1]
}

// BenchmarkLines is the fast path over blocks of lines.
func BenchmarkLines(b *testing.B) {
	text := benchText(b)
	f := MustCompile("kind", "timestamp")
	l := new(Lines)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		refused := 0
		l.Reset(f, text, 10000)
		for {
			var r Result
			end, ok := l.Next(&r)
			if end < 0 {
				break
			}
			if !ok {
				refused++
			}
		}
		b.ReportMetric(float64(refused), "refused")
	}
}

// BenchmarkScan is the scanner, line by line.
func BenchmarkScan(b *testing.B) {
	lines := bytes.Split(bytes.TrimSuffix(benchText(b), []byte("\n")), []byte("\n"))
	f := MustCompile("kind", "timestamp")
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, line := range lines {
			var r Result
			if !f.Scan(line, 0, 10000, &r) {
				b.Fatal(r)
			}
		}
	}
}
