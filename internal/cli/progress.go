package cli

import (
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// progressDelay is how long work may take before a bar is shown: short work is
// not worth a flicker.
const progressDelay = time.Second

// Progress is a bar on the standard error with rate and time left. It shows
// only on a terminal, only after a second, and removes itself at the end. All
// methods may be called on nil and from several goroutines.
type Progress struct {
	done  atomic.Int64
	total int64
	start time.Time
	label string
	out   io.Writer
	width func() int
	close chan struct{}
	once  sync.Once
	gone  sync.WaitGroup
}

// Progress starts counting bytes of work on a total; 0 or less says that it is
// not known. The last part of label, which may be the path of a log, is shown
// before the bar, escaped. It returns nil, on which all methods do nothing,
// where no bar is wanted.
func (e *Env) Progress(o *Output, label string, total int64) *Progress {
	if label = filepath.Base(label); label == "-" {
		label = "standard input"
	}
	if o.Quiet || o.NoProgress || !isTerminal(e.StderrFile) || e.getenv("TERM") == "dumb" {
		return nil
	}
	return newProgress(e.Stderr, func() int { return e.columns(e.StderrFile) }, label, max(total, 0), progressDelay)
}

func newProgress(out io.Writer, width func() int, label string, total int64, delay time.Duration) *Progress {
	p := &Progress{total: total, start: time.Now(), label: safetext.Clip(label, 24), out: out, width: width, close: make(chan struct{})}
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

// Close removes the bar. Nothing else may be written to the terminal before it
// returned.
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
	tick := time.NewTicker(120 * time.Millisecond)
	defer tick.Stop()
	for {
		// One column stays free: a terminal goes to the next line after the
		// last one. The \r comes first too, for ^C is echoed wherever the
		// cursor is.
		room := p.width() - 1
		_, _ = io.WriteString(p.out, "\r"+p.line(room, time.Since(p.start))+"\r")
		select {
		case <-p.close:
			_, _ = io.WriteString(p.out, "\r"+strings.Repeat(" ", room)+"\r")
			return
		case <-tick.C:
		}
	}
}

// line is the bar between its label and its rate, and nothing but these two
// where the total is not known. It fills the room, so that nothing of the line
// before it is left.
func (p *Progress) line(room int, elapsed time.Duration) string {
	text, rate := p.label, p.rate(elapsed)
	if bar := room - safetext.Width(text+rate) - len(" [] "); p.total > 0 && bar >= 8 {
		full := int(float64(bar) * float64(p.shown()) / float64(p.total))
		text += " [" + strings.Repeat("=", full) + ">" + strings.Repeat(" ", bar-full-1) + "]"
	}
	text = safetext.Clip(text+" "+rate, room)
	return text + strings.Repeat(" ", room-safetext.Width(text))
}

// rate is what is shown behind the bar: how much is done, how fast on average,
// and for how long it will go on at that rate.
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

// shown is the position of the bar. It never reaches the end by itself: the bar
// would be complete and stop, while a log that grows may still be worked on.
func (p *Progress) shown() int64 {
	n := p.done.Load()
	if p.total > 0 {
		n = min(n, p.total-1)
	}
	return n
}
