package inspect

import (
	"fmt"
	"math"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/record"
)

// chart is a drawing of bars over time. Its unit of width is one bar, its
// height is 100; it is stretched to the room that there is.
type chart struct {
	Width int
	Bars  []barGroup
	Lines []gridLine // horizontal ones, with their labels
	Ticks []tick     // labels below
	Desc  string
	Note  string
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

// charts are the records and the bytes over time, and the kinds that occur.
func (l *pageLog) charts() (records, bytes chart, legend []string) {
	s := l.Timeline.series()
	if len(s.Bins) == 0 {
		return records, bytes, nil
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
			legend = append(legend, kindName(k))
		}
	}
	end := s.Start + float64(len(s.Bins))*s.Width
	note := fmt.Sprintf("%s to %s; each bar is %s.", l.shownTime(s.Start), l.shownTime(end), lasting(s.Width))
	if s.Before+s.After > 0 {
		note += " N" + strays(s.Before, s.After)[1:] + "."
	}
	if l.Timeline.Undated > 0 {
		note += " " + plural(l.Timeline.Undated, "record") + " without a usable time."
	}
	ticks := timeTicks(s.Start, end, l.zone())
	about := func(what, most string) string {
		busiest := s.Busiest()
		return fmt.Sprintf("%s from %s to %s in %d bars; at most %s in a bar, busiest at %s.", what, l.shownTime(s.Start), l.shownTime(end),
			len(s.Bins), most, l.shownTime(s.Start+float64(busiest)*s.Width))
	}
	records = chart{Width: len(s.Bins), Ticks: ticks, Note: note, Desc: about("Records by kind", humanize.Comma(most)+" records")}
	bytes = chart{Width: len(s.Bins), Ticks: ticks, Note: note, Desc: about("Bytes of records", byteSize(mostBytes))}
	top := records.grid(float64(most), 10, func(v, _ float64) string { return humanize.Comma(int64(v)) })
	topBytes := bytes.grid(float64(mostBytes), 1024, sizeLabel)
	for i, b := range s.Bins {
		if b.Records == 0 {
			continue
		}
		when := l.shownTime(s.Start + float64(i)*s.Width)
		g := barGroup{Title: when + ": " + plural(b.Records, "record")}
		var below int64
		for _, k := range kindOrder {
			if n := b.Kinds[k]; n > 0 {
				below += n
				g.Title += fmt.Sprintf(", %s %s", humanize.Comma(n), l.kindLabel(kindName(k)))
				g.Bars = append(g.Bars, newBar(kindClass(kindName(k)), i, float64(below)/top, float64(n)/top))
			}
		}
		records.Bars = append(records.Bars, g)
		bytes.Bars = append(bytes.Bars, barGroup{Title: when + ": " + byteSize(b.Bytes),
			Bars: []bar{newBar("k-bytes", i, float64(b.Bytes)/topBytes, float64(b.Bytes)/topBytes)}})
	}
	return records, bytes, legend
}

// draw writes a chart as a figure.
func (l *pageLog) draw(c *chart, id, title, class string) {
	l.put("\n<figure>\n<div class=\"%v\">", class)
	for _, g := range c.Lines {
		l.put("\n<span class=\"y\" style=\"bottom:%v%%\" aria-hidden=\"true\">%v</span>", g.Up, g.Label)
	}
	l.put(`
<svg viewBox="0 0 %[1]v 100" preserveAspectRatio="none" role="img" aria-labelledby="%[2]v-t %[2]v-d">
<title id="%[2]v-t">%[3]v</title>
<desc id="%[2]v-d">%[4]v</desc>`, c.Width, id, title, c.Desc)
	for _, t := range c.Ticks {
		l.put("\n<line class=\"grid\" x1=\"%[1]v%%\" x2=\"%[1]v%%\" y1=\"0\" y2=\"100\"/>", t.Left)
	}
	for _, g := range c.Lines {
		l.put("\n<line class=\"grid\" x1=\"0\" x2=\"%v\" y1=\"%[2]v\" y2=\"%[2]v\"/>", c.Width, g.Y)
	}
	l.put("\n<g class=\"bars\">")
	for _, g := range c.Bars {
		l.put("\n<g><title>%v</title>", g.Title)
		for _, b := range g.Bars {
			l.put(`<rect class="%v" x="%v" y="%v" width="0.88" height="%v"/>`, b.Class, b.X, b.Y, b.Height)
		}
		l.put("</g>")
	}
	l.put("\n</g></svg>\n</div>\n<div class=\"x when\" aria-hidden=\"true\">")
	for _, t := range c.Ticks {
		l.put("<span style=\"left:%v%%;transform:translateX(-%v%%)\">%v</span>", t.Left, t.Shift, t.Label)
	}
	l.put("</div>\n</figure>")
}

// newBar is a bar whose upper end and height are shares of the whole height.
func newBar(class string, i int, upper, height float64) bar {
	return bar{class, fmt.Sprintf("%.2f", float64(i)+0.06), fmt.Sprintf("%.2f", 100*(1-upper)), fmt.Sprintf("%.2f", max(100*height, 0.3))}
}

// grid puts three to five lines at round values and returns the value at the
// top.
func (c *chart) grid(most, base float64, label func(v, step float64) string) (top float64) {
	step := roundStep(most/4, base)
	top = step * math.Ceil(most/step)
	for v := 0.0; v <= top+step/2; v += step {
		c.Lines = append(c.Lines, gridLine{fmt.Sprintf("%.2f", 100*(1-v/top)), fmt.Sprintf("%.2f", 100*v/top), label(v, step)})
	}
	return top
}

// sizeLabel spells a multiple of a step in the unit of the step, so that all
// labels of an axis have one.
func sizeLabel(v, step float64) string {
	unit := 0
	for step >= 1024 {
		step, v, unit = step/1024, v/1024, unit+1
	}
	return humanize.Comma(int64(v)) + " " + [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}[unit]
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

// strip draws the map of the file. A cell with errors is as high as the map,
// one with nothing but warnings half as high, so that colour is not needed to
// tell.
func (l *pageLog) strip() {
	total := l.Result.Bytes
	if total <= 0 {
		return
	}
	about := "No anomalies from the first byte to the last."
	if n := len(l.Map.Cells); n > 0 {
		about = fmt.Sprintf("%s and %s in %d places; the table of anomalies tells where.", plural(l.Errors, "error"), plural(l.Warnings, "warning"), n)
	}
	l.section("map", "Map of the file")
	l.put(`
<p class="note">From the first byte to the last; anomalies are told apart if they are %[2]v apart.</p>
<ul class="legend" aria-label="Colours"><li><i class="m-good"></i>sound</li><li><i class="m-warn"></i>warnings (half height)</li><li><i class="m-bad"></i>errors (full height)</li></ul>
<figure class="strip"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-labelledby="%[1]v-map-t %[1]v-map-d">
<title id="%[1]v-map-t">Map of the file</title>
<desc id="%[1]v-map-d">%[3]v</desc>
<rect class="m-good" x="0" y="0" width="1000" height="100"/>`, l.id, byteSize(l.Map.Width), about)
	for _, c := range l.Map.Cells {
		end := min(c.Offset+l.Map.Width, total)
		class, y, height := "m-warn", 50, 50
		if c.Errors > 0 || c.Damaged > 0 {
			class, y, height = "m-bad", 0, 100
		}
		l.put("\n<a href=\"#%v\" tabindex=\"-1\"><rect class=\"%v\" x=\"%v\" y=\"%v\" width=\"%v\" height=\"%v\"><title>bytes %v to %v: %v, %v</title></rect></a>",
			l.placeOf(c.Offset, end), class,
			fmt.Sprintf("%.3f", 1000*float64(c.Offset)/float64(total)), y,
			fmt.Sprintf("%.3f", max(1000*float64(end-c.Offset)/float64(total), 2)), height,
			humanize.Comma(c.Offset), humanize.Comma(end), plural(c.Errors, "error"), plural(c.Warnings, "warning"))
	}
	l.put(`
</svg></figure>
<div class="x" aria-hidden="true"><span>byte 0</span><span>%v</span></div>
</section>`, byteSize(total))
}

// placeOf is the anchor of the first anomaly that is listed of a part of the
// log; of all of them, if there is none or the log is in several files.
func (l *pageLog) placeOf(from, to int64) string {
	for i, a := range l.Anomalies {
		if len(l.Members) == 0 && a.Offset >= from && a.Offset < to {
			return l.anomalyID(i)
		}
	}
	return l.id + "-anomalies"
}

func (l *pageLog) anomalyID(i int) string { return fmt.Sprintf("%s-a%d", l.id, i+1) }
