package inspect

import (
	"fmt"
	"math"
	"time"
)

// tick is a label at a round time, and where it stands: a share of the width,
// in percent. Shift is the share of its own width by which it stands further to
// the left, so that none stands out at the ends.
type tick struct {
	Left, Label string
	Shift       int
}

// maxTicks is how many intervals an axis has at most.
const maxTicks = 5

// span is a step of an axis of time: so many seconds, or whole days, months or
// years.
type span struct {
	seconds      float64
	days, months int
	layout       string
}

// spans are the steps that people count in, from 1 s on.
var spans = func() (all []span) {
	for _, s := range []float64{1, 2, 5, 10, 15, 30} {
		all = append(all, span{seconds: s, layout: "15:04:05"})
	}
	for _, m := range []float64{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720} {
		all = append(all, span{seconds: 60 * m, layout: "15:04"})
	}
	for _, d := range []int{1, 2, 7, 14} {
		all = append(all, span{seconds: 86400 * float64(d), days: d, layout: "Jan 2"})
	}
	for _, m := range []int{1, 3, 6} {
		all = append(all, span{seconds: 30 * 86400 * float64(m), months: m, layout: "Jan 2006"})
	}
	for _, y := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000} {
		all = append(all, span{seconds: 365 * 86400 * float64(y), months: 12 * y, layout: "2006"})
	}
	return all
}()

// timeTicks are the round times from one to another, by the clock of a zone, or
// round numbers where these are no times.
func timeTicks(from, to float64, zone *time.Location) (out []tick) {
	add := func(t float64, label string) {
		if t >= from && t <= to {
			left, shift := 100*(t-from)/(to-from), 50
			switch {
			case left < 10:
				shift = 0
			case left > 90:
				shift = 100
			}
			out = append(out, tick{fmt.Sprintf("%.2f", left), label, shift})
		}
	}
	wanted := (to - from) / maxTicks
	if math.Abs(from) > 1e11 || math.Abs(to) > 1e11 || wanted > spans[len(spans)-1].seconds {
		step := roundStep(wanted, 10)
		for t := math.Ceil(from/step) * step; t <= to; t += step {
			add(t, number(t))
		}
		return out
	}
	at := func(t float64) time.Time {
		whole := math.Floor(t)
		return time.Unix(int64(whole), int64(math.Round((t-whole)*1e6))*1000).In(zone)
	}
	step := span{layout: "15:04:05.000"}
	if wanted < 0.5 {
		step.seconds = roundStep(1000*wanted, 10) / 1000
	}
	for i := 0; step.seconds == 0; i++ {
		if s := spans[i]; s.seconds >= wanted {
			step = s
		}
	}
	first := at(from)
	year, month, day := first.Date()
	if step.days+step.months > 0 {
		switch {
		case step.months >= 12:
			year, month, day = year-year%(step.months/12), 1, 1
		case step.months > 0:
			month, day = month-(month-1)%time.Month(step.months), 1
		}
		for d := time.Date(year, month, day, 0, 0, 0, 0, zone); float64(d.Unix()) <= to; d = d.AddDate(0, step.months, step.days) {
			add(float64(d.Unix()), d.Format(step.layout))
		}
		return out
	}
	_, offset := first.Zone()
	n := math.Ceil((from + float64(offset)) / step.seconds)
	layout := step.layout
	if ly, lm, ld := at(to).Date(); layout == "15:04" && (ly != year || lm != month || ld != day) {
		layout = "Jan 2 15:04"
	}
	for ; n*step.seconds-float64(offset) <= to; n++ {
		t := n*step.seconds - float64(offset)
		add(t, at(t).Format(layout))
	}
	return out
}
