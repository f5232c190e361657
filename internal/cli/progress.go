package cli

import (
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// progressDelay is how long work may take before a bar is shown: short work is not worth a flicker.
const progressDelay = time.Second

// Progress is a bar on the standard error with rate and time left. It shows only on a terminal, only after a second, and removes
// itself at the end. All methods may be called on nil and from several goroutines.
type Progress struct {
	done  atomic.Int64
	total int64
	start time.Time
	label string
	out   io.Writer
	close chan struct{}
	once  sync.Once
	gone  sync.WaitGroup
}

// Progress starts counting bytes of work on a total, 0 if it is not known. The label is shown before the bar, escaped.
// It returns nil, on which all methods do nothing, where no bar is wanted.
func (e *Env) Progress(o *Output, label string, total int64) *Progress {
	if o.Quiet || o.NoProgress || !e.StderrIsTerminal() || e.getenv("TERM") == "dumb" {
		return nil
	}
	return newProgress(e.Stderr, label, total, progressDelay)
}

func newProgress(out io.Writer, label string, total int64, delay time.Duration) *Progress {
	p := &Progress{total: total, start: time.Now(), label: safetext.Clip(label, 24), out: out, close: make(chan struct{})}
	p.gone.Go(func() { p.show(delay) })
	return p
}

// Add counts n more bytes as done.
func (p *Progress) Add(n int64) {
	if p != nil {
		p.done.Add(n)
	}
}

// Set says how many bytes are done in all.
func (p *Progress) Set(n int64) {
	if p != nil {
		p.done.Store(n)
	}
}

// Close removes the bar. Nothing else may be written to the terminal before it returned.
func (p *Progress) Close() {
	if p == nil {
		return
	}
	p.once.Do(func() { close(p.close) })
	p.gone.Wait()
}

// show draws until Close.
func (p *Progress) show(delay time.Duration) {
	select {
	case <-p.close:
		return
	case <-time.After(delay):
	}
	const every = 120 * time.Millisecond
	pool := mpb.New(mpb.WithOutput(p.out), mpb.WithRefreshRate(every))
	bar := p.bar(pool)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		bar.SetCurrent(p.shown())
		select {
		case <-p.close:
			bar.Abort(true)
			pool.Wait()
			_, _ = io.WriteString(p.out, "\r\x1b[J")
			return
		case <-tick.C:
		}
	}
}

func (p *Progress) bar(pool *mpb.Progress) *mpb.Bar {
	// The terminal echoes ^C wherever the cursor is; without the \r the bar would be drawn beside it, and wrap.
	label := mpb.PrependDecorators(decor.Name("\r" + p.label + " "))
	if p.total <= 0 {
		return pool.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(), label,
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.rate(time.Since(p.start)) })))
	}
	return pool.New(p.total, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"), mpb.BarRemoveOnComplete(), label,
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.rate(time.Since(p.start)) })))
}

// rate is what is shown behind the bar: how much is done, how fast on average, and for how long it will go on at that rate.
func (p *Progress) rate(elapsed time.Duration) string {
	n := p.done.Load()
	perSecond := float64(n) / max(elapsed.Seconds(), 1e-9)
	speed := humanize.IBytes(uint64(perSecond)) + "/s"
	if p.total <= 0 {
		return humanize.IBytes(uint64(n)) + " " + speed
	}
	text := strconv.FormatInt(int64(100*float64(p.shown())/float64(p.total)), 10) + " % " + speed
	if perSecond > 0 && n < p.total {
		left := time.Duration(float64(p.total-n) / perSecond * float64(time.Second))
		text += " " + left.Round(time.Second).String() + " left"
	}
	return text
}

// shown is the position of the bar. It never reaches the end by itself: the bar would be complete and stop, while a log that
// grows may still be worked on.
func (p *Progress) shown() int64 {
	n := p.done.Load()
	if p.total > 0 {
		n = min(n, p.total-1)
	}
	return n
}
