package inspect

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/papyra-tools/papyra/pkg/record"
)

// chart is a drawing of bars over time. Its unit of width is one bar, its height
// is 100; it is stretched to the room that there is.
type chart struct {
	Width int
	Bars  []barGroup
	Lines []gridLine // horizontal ones, with their labels
	Ticks []string   // labels below, spread evenly from end to end
	Desc  string
	Note  string
}

// drawing is a chart with what its template needs besides.
type drawing struct {
	chart
	ID, Title, Class string
}

// barGroup is what stands at one place in time: one bar on the other.
type barGroup struct {
	Title string
	Bars  []bar
}

type bar struct {
	Class        string
	X, Y, Height string
}

type gridLine struct {
	Y     string // from the top
	Up    string // from the bottom
	Label string
}

// kindOrder is from the bottom to the top of a stack.
var kindOrder = []record.Kind{record.Event, record.Audit, record.DeadLetter, record.Metric, record.AllowedKind, record.OtherKind, record.NoKind}

// charts draws records and bytes over time.
func (p *pageLog) charts() {
	s := p.series
	if len(s.Bins) == 0 {
		return
	}
	seen := map[record.Kind]bool{}
	var most, mostBytes int64
	for _, b := range s.Bins {
		most, mostBytes = max(most, b.Records), max(mostBytes, b.Bytes)
		for k, n := range b.Kinds {
			seen[record.Kind(k)] = seen[record.Kind(k)] || n > 0
		}
	}
	for _, k := range kindOrder {
		if seen[k] {
			p.Legend = append(p.Legend, kindLegend{kindClass(k), kindName(k)})
		}
	}
	end := s.Start + float64(len(s.Bins))*s.Width
	note := fmt.Sprintf("Each bar is %s.", lasting(s.Width))
	if s.Before+s.After > 0 {
		note += " N" + strays(s.Before, s.After)[1:] + "."
	}
	if p.Timeline.Undated > 0 {
		note += " " + plural(p.Timeline.Undated, "record") + " without a usable time."
	}
	ticks := timeTicks(s.Start, end)
	about := func(what, most string) string {
		busiest := s.Busiest()
		return fmt.Sprintf("%s from %s to %s in %d bars; at most %s in a bar, busiest at %s.", what, shownTime(s.Start), shownTime(end),
			len(s.Bins), most, shownTime(s.Start+float64(busiest)*s.Width))
	}
	p.Records = chart{Width: len(s.Bins), Ticks: ticks, Note: note, Desc: about("Records by kind", humanize.Comma(most)+" records")}
	p.Bytes = chart{Width: len(s.Bins), Ticks: ticks, Note: note, Desc: about("Bytes of records", byteSize(mostBytes))}
	top := p.Records.grid(float64(most), 10, func(v float64) string { return humanize.Comma(int64(v)) })
	topBytes := p.Bytes.grid(float64(mostBytes), 1024, func(v float64) string { return byteSize(int64(v)) })
	for i, b := range s.Bins {
		if b.Records == 0 {
			continue
		}
		when := shownTime(s.Start + float64(i)*s.Width)
		g := barGroup{Title: when + ": " + plural(b.Records, "record")}
		var below int64
		for _, k := range kindOrder {
			if n := b.Kinds[k]; n > 0 {
				below += n
				g.Title += fmt.Sprintf(", %s %s", humanize.Comma(n), kindName(k))
				g.Bars = append(g.Bars, newBar(kindClass(k), i, float64(below)/top, float64(n)/top))
			}
		}
		p.Records.Bars = append(p.Records.Bars, g)
		p.Bytes.Bars = append(p.Bytes.Bars, barGroup{Title: when + ": " + byteSize(b.Bytes),
			Bars: []bar{newBar("k-bytes", i, float64(b.Bytes)/topBytes, float64(b.Bytes)/topBytes)}})
	}
}

// newBar is a bar whose upper end and height are shares of the whole height.
func newBar(class string, i int, upper, height float64) bar {
	return bar{class, fmt.Sprintf("%.2f", float64(i)+0.06), fmt.Sprintf("%.2f", 100*(1-upper)), fmt.Sprintf("%.2f", max(100*height, 0.3))}
}

// grid puts three to five lines at round values and returns the value at the top.
func (c *chart) grid(most, base float64, label func(float64) string) (top float64) {
	step := roundStep(most/4, base)
	top = step * math.Ceil(most/step)
	for v := 0.0; v <= top+step/2; v += step {
		c.Lines = append(c.Lines, gridLine{fmt.Sprintf("%.2f", 100*(1-v/top)), fmt.Sprintf("%.2f", 100*v/top), label(v)})
	}
	return top
}

// roundStep is the next round number: 1, 2 or 5 times a power of ten, times a
// power of the base.
func roundStep(v, base float64) float64 {
	unit := 1.0
	for base > 10 && v >= unit*base {
		unit *= base
	}
	for ; ; unit *= 10 {
		for _, f := range []float64{1, 2, 5} {
			if f*unit >= v {
				return f * unit
			}
		}
	}
}

// timeTicks are five times from one to another, as short as they can be.
func timeTicks(from, to float64) []string {
	layout := "2006-01-02"
	switch d := to - from; {
	case d < 10:
		layout = "15:04:05.000"
	case d < 20*3600:
		layout = "15:04:05"
	case d < 120*86400:
		layout = "Jan 2 15:04"
	}
	out := make([]string, 5)
	for i := range out {
		t := from + (to-from)*float64(i)/4
		if math.Abs(t) > 1e11 {
			out[i] = number(t)
			continue
		}
		whole := math.Floor(t)
		out[i] = time.Unix(int64(whole), int64((t-whole)*1e9)).UTC().Format(layout)
	}
	return out
}

// stripCell is a piece of the file with something wrong in it.
type stripCell struct {
	Class, Title     string
	X, Width, Y, Len string
}

// strip draws the map of the file. A cell with errors is as high as the map, one
// with nothing but warnings half as high, so that colour is not needed to tell.
func (p *pageLog) strip() {
	total := p.Result.Bytes
	if total <= 0 {
		return
	}
	for _, c := range p.Map.Cells {
		cell := stripCell{Class: "m-warn", Y: "50", Len: "50", Title: fmt.Sprintf("bytes %s to %s: %s, %s", humanize.Comma(c.Offset),
			humanize.Comma(min(c.Offset+p.Map.Width, total)), plural(c.Errors, "error"), plural(c.Warnings, "warning"))}
		if c.Errors > 0 || c.Damaged > 0 {
			cell.Class, cell.Y, cell.Len = "m-bad", "0", "100"
		}
		cell.X = fmt.Sprintf("%.3f", 1000*float64(c.Offset)/float64(total))
		cell.Width = fmt.Sprintf("%.3f", max(1000*float64(min(p.Map.Width, total-c.Offset))/float64(total), 2))
		p.Strip = append(p.Strip, cell)
	}
	p.StripEnds = [2]string{"0", byteSize(total)}
	p.StripNote = fmt.Sprintf("From the first byte to the last; anomalies are told apart if they are %s apart.", byteSize(p.Map.Width))
}
