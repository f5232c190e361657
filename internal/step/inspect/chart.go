package inspect

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
)

const (
	chartHeight = 8
	// narrowest is how few columns a chart makes sense in.
	narrowest = 30
	widest    = 110
)

// pictures are the shares of the kinds and the records over time.
func (t *text) pictures(f *logReport) {
	t.kinds(f)
	t.chart(f)
}

// chart draws the records over time as a line, with its own axis of time.
func (t *text) chart(f *logReport) {
	drawn := f.Timeline.series()
	s := drawn
	if len(s.Bins) < 2 || t.width < narrowest {
		return
	}
	highest := s.Bins[s.Busiest()].Records
	labels := len(humanize.Comma(highest))
	room := min(t.width, widest) - labels - 4
	for labels = 0; labels == 0; {
		// Putting bins together makes counts, and so labels, longer.
		s = drawn.Coarser(room)
		labels = len(humanize.Comma(s.Bins[s.Busiest()].Records))
		if fits := min(t.width, widest) - labels - 4; fits < room {
			room, labels = fits, 0
		}
	}
	most := s.Bins[s.Busiest()].Records
	counts := make([]int64, len(s.Bins))
	for i, b := range s.Bins {
		counts[i] = b.Records
	}
	note := plural(int64(len(s.Bins)), "span") + " of " + lasting(s.Width)
	t.section("Records over time", note)
	for _, line := range graph(counts, room, int(min(chartHeight, most)), t.paint.Blue, func(n int64) string {
		return fmt.Sprintf("%*s", labels, humanize.Comma(n))
	}) {
		t.printf("   %s\n", line)
	}
	from, to := s.Start, s.Start+float64(len(s.Bins))*s.Width
	if s.Before == 0 {
		from = max(from, *f.First)
	}
	if s.After == 0 {
		to = min(to, *f.Last)
	}
	t.axis(labels+4, room, f.shownTime(from), f.shownTime(to))
	if s.Before+s.After > 0 {
		t.printf("  %s\n", t.paint.Dim(strays(s.Before, s.After)))
	}
	if n := f.Timeline.Undated; n > 0 {
		t.printf("  %s\n", t.paint.Dim(plural(n, "record")+" without a time"))
	}
}

func strays(before, after int64) string {
	var parts []string
	if before > 0 {
		parts = append(parts, plural(before, "record")+" long before")
	}
	if after > 0 {
		parts = append(parts, plural(after, "record")+" long after")
	}
	return "not drawn: " + strings.Join(parts, ", ")
}

// axis writes the time at the ends of the chart.
func (t *text) axis(indent, columns int, a, b string) {
	gap := columns - safetext.Width(a) - safetext.Width(b)
	if gap < 2 {
		// There is room below the labels too.
		if indent+gap-2 < 0 {
			t.printf("  %s to\n  %s\n", t.paint.Dim(a), t.paint.Dim(b))
			return
		}
		gap, indent = 2, indent+gap-2
	}
	t.printf("%s%s%s%s\n", strings.Repeat(" ", indent), t.paint.Dim(a), strings.Repeat(" ", gap), t.paint.Dim(b))
}
