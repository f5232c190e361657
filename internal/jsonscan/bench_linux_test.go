package jsonscan

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkProcessor shows the best rate of several rounds over a text in terms
// of processor time, which on a busy machine says more than the time does.
func BenchmarkProcessor(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	text := benchText(b)
	f := MustCompile("kind", "timestamp")
	l := new(Lines)
	best := time.Hour
	for b.Loop() {
		start := processorTime()
		l.Reset(f, text, 10000)
		for {
			var r Result
			if end, _ := l.Next(&r); end < 0 {
				break
			}
		}
		best = min(best, processorTime()-start)
	}
	b.ReportMetric(float64(len(text))/best.Seconds()/1e6, "best-MB/s")
}

// processorTime is what this thread has used.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}
