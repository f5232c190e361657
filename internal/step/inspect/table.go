package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// shownKeys is how many of the busiest the text shows.
const shownKeys = 10

// shortestName is how far the first column of a table may be cut.
const shortestName = 6

// section starts a part of the report.
func (t *text) section(title, note string) {
	t.printf("\n%s", t.paint.Bold(title))
	if note != "" {
		if safetext.Width(title)+safetext.Width(note)+3 <= t.width {
			t.printf("  %s", t.paint.Dim(note))
		} else {
			for _, line := range safetext.Fold(note, max(t.width-2, 10)) {
				t.printf("\n  %s", t.paint.Dim(line))
			}
		}
	}
	t.printf("\n")
}

// table prints rows whose first cell is a name, cut to fit, and whose other
// cells are numbers. A bar, the length of shares[i], fills what room is left.
func (t *text) table(header []string, rows [][]string, shares []float64) {
	columns := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			columns[i] = max(columns[i], safetext.Width(cell))
		}
	}
	used := 2 // the indent
	for i, n := range columns[1:] {
		if used+n+2+shortestName > t.width && i > 0 {
			// What has no room is left out, the last columns first.
			columns = columns[:i+1]
			break
		}
		used += n + 2
	}
	columns[0] = max(min(columns[0], t.width-used), shortestName)
	bar := t.width - used - columns[0] - 2
	if shares == nil || bar < 8 {
		bar = 0
	}
	bar = min(bar, 40)

	cells := make([][]string, 0, len(rows)+1)
	for _, row := range append([][]string{header}, rows...) {
		cells = append(cells, append([]string{safetext.Clip(row[0], columns[0])}, row[1:len(columns)]...))
	}
	if bar > 0 {
		for i := range rows {
			cells[i+1] = append(cells[i+1], barOf(shares[i], bar))
		}
	}
	for i, line := range safetext.Table("l"+strings.Repeat("r", len(columns)-1)+"l", cells) {
		if i == 0 {
			line = t.paint.Dim(line)
		}
		t.printf("  %s\n", line)
	}
}

// barOf draws a share of 1 in eighths of a column.
func barOf(share float64, width int) string {
	eighths := int(share*float64(width)*8 + 0.5)
	if share > 0 {
		eighths = max(eighths, 1)
	}
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string(rune('█' + 8 - rest)) // U+2588 is a full block, U+258F an eighth
	}
	return s
}

func percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// kinds is the share that each kind has.
func (t *text) kinds(f *logReport) {
	if f.Records == 0 {
		return
	}
	var rows [][]string
	var shares []float64
	for _, name := range ranked(f.Kinds) {
		n := f.Kinds[name]
		rows = append(rows, []string{nameOf(name), humanize.Comma(n), percent(n, f.Records)})
		shares = append(shares, float64(n)/float64(f.Records))
	}
	if f.Words != nil && f.Words.Kind == "" {
		return // there is none
	}
	t.section("Records by "+nameOf(f.kind()), "")
	t.table([]string{nameOf(f.kind()), "records", "share"}, rows, shares)
}

// busiest is a table of heavy hitters, with what is known of their error.
func (t *text) busiest(title string, h *heavy) {
	if len(h.Items) == 0 {
		return
	}
	note := fmt.Sprintf("exact; %s in all", humanize.Comma(int64(h.Distinct)))
	if h.Error > 0 {
		note = fmt.Sprintf("counts may be too low, by at most %s of %s; at least %s in all", humanize.Comma(h.Error), humanize.Comma(h.Total), humanize.Comma(int64(h.Distinct)))
	}
	t.section(title, note)
	var rows [][]string
	var shares []float64
	for _, it := range h.Items[:min(len(h.Items), shownKeys)] {
		rows = append(rows, []string{nameOf(it.Key), humanize.Comma(it.Count), percent(it.Count, h.Total)})
		shares = append(shares, float64(it.Count)/float64(h.Items[0].Count))
	}
	t.table([]string{"name", "records", "share"}, rows, shares)
}

// preview is what the retention in force would do.
func (t *text) preview(p *preview) {
	if !p.Limited {
		return
	}
	t.section("Retention preview", fmt.Sprintf("keeps %s, reclaims %s", plural(p.Kept.Records, "record"), humanize.IBytes(uint64(p.Reclaimable))))
	row := func(name string, s split) []string {
		return []string{name, humanize.Comma(s.Kept.Records), humanize.Comma(s.Expired.Records), humanize.IBytes(uint64(s.Kept.Bytes)), humanize.IBytes(uint64(s.Expired.Bytes))}
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(p.ByKind)) {
		rows = append(rows, row(name, p.ByKind[name]))
	}
	rows = append(rows, row("all", p.split))
	t.table([]string{"kind", "kept", "expired", "kept bytes", "reclaimed"}, rows, nil)
	for _, name := range slices.Sorted(maps.Keys(p.ByLimit)) {
		a := p.ByLimit[name]
		t.line("  by "+name, fmt.Sprintf("%s, %s (%d bytes)", plural(a.Records, "record"), humanize.IBytes(uint64(a.Bytes)), a.Bytes))
	}
	if p.Damaged > 0 {
		t.line("  damaged lines", fmt.Sprintf("%s besides; those in front of an expired record go with it", humanize.IBytes(uint64(p.Damaged))))
	}
	if p.Uncertain > 0 {
		t.line("  uncertain", fmt.Sprintf("up to %s more would be kept: a stream is not read twice", plural(p.Uncertain, "record")))
	}
	if p.Refused != "" {
		t.line("  refused", t.paint.Yellow("compaction would stop:")+" "+safetext.String(p.Refused))
	}
}
