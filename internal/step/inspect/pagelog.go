package inspect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/record"
)

// pageLog is one log on the page.
type pageLog struct {
	*page
	*logReport
	key, id string // of the log in the JSON form, and on the page
}

func (l *pageLog) write() {
	l.put(`
<article class="log" id="%[1]v" aria-labelledby="%[1]v-name">
<div class="log-head">
<h2 id="%[1]v-name">%[2]v</h2>
%[3]v
</div>`, l.id, pathName(l.Path), l.badge())
	if l.Failure != "" {
		l.put("\n<p class=\"alert bad\" role=\"alert\">%v. What follows is what was found up to there.</p>", nameOf(l.Failure))
	}
	if l.InFlight != nil {
		l.put("\n<p class=\"alert warn\">The last line, %v so far, is being written: it is left out.</p>", plural(l.InFlight.Length, "byte"))
	}
	if len(l.Members) > 0 {
		var names []string
		for _, m := range l.Members {
			names = append(names, nameOf(m))
		}
		l.put("\n<p class=\"meta\">One log of %v files: %v.</p>", len(names), strings.Join(names, ", "))
	}
	l.cards()
	if len(l.Kinds) > 0 {
		l.put("\n<div class=\"pair\">")
		l.kinds()
		l.lengths()
		l.put("\n</div>")
	}
	l.overTime()
	l.strip()
	l.tops()
	l.retention()
	l.anomalies()
	l.put("\n</article>")
}

// badge is the verdict, which leads to what it is about.
func (l *pageLog) badge() markup {
	class, words := l.verdict()
	if len(l.Anomalies) == 0 {
		return format(`<span class="badge %v">%v</span>`, class, words)
	}
	return format(`<a class="badge %v" href="#%v-anomalies">%v</a>`, class, l.id, words)
}

// verdict is a class and what it means.
func (l *pageLog) verdict() (class, words string) {
	switch {
	case l.Failure != "":
		return "bad", "No verdict"
	case l.Missing:
		return "good", "No such file"
	case l.Errors > 0:
		return "bad", plural(l.Errors, "error")
	case l.Warnings > 0:
		return "warn", plural(l.Warnings, "warning")
	}
	return "good", "Healthy"
}

func (l *pageLog) cards() {
	card := func(title string, value any, form string, values ...any) {
		l.put("\n<div><dt>%v</dt><dd>%v <small>%v</small></dd></div>", title, value, format(form, values...))
	}
	l.put("\n<dl class=\"cards\" aria-label=\"Summary\">")
	card("Records", l.count(l.Result.Records, "records"), "in %v lines", l.count(l.Lines, "lines"))
	from := ""
	if l.Compression != "" {
		from = ", from " + l.Compression
	}
	if l.SizeBytes >= 0 {
		card("Size", l.size(l.SizeBytes, "size_bytes"), "%v bytes of text%v", l.offset(l.Bytes, "bytes"), from)
	} else if !l.Missing {
		card("Size", l.size(l.Bytes, "bytes"), "read from a stream")
	}
	if l.First != nil {
		card("Time covered", lasting(*l.Last-*l.First), "%v to %v", l.moment(*l.First, "first_timestamp"), l.moment(*l.Last, "last_timestamp"))
	}
	if r := l.Rate; r != nil {
		card("Records a second", l.decimal(r.Mean, "rate", "mean_per_second"), "at most %v, in the %v from %v on",
			l.decimal(r.Peak, "rate", "peak_per_second"), lasting(r.PeakWidth), l.moment(r.PeakStart, "rate", "peak_start"))
	}
	var mean markup
	if len(l.Lengths.Percentiles) > 0 {
		mean = format("records: %v bytes on average", l.decimal(l.Lengths.Mean, "line_length", "mean"))
	}
	card("Longest line", l.size(l.LongestLine, "longest_line"), "%v", mean)
	card("Anomalies", l.count(l.Errors, "errors"), "errors, and %v warnings", l.count(l.Warnings, "warnings"))
	l.put("\n</dl>")
}

// ranked are the names of counts, the most frequent first.
func ranked(counts map[string]int64) []string {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	return names
}

func (l *pageLog) kinds() {
	head := "Kind"
	if l.Words != nil {
		if head = nameOf(l.kind()); l.Words.Kind == "" {
			return // there is none
		}
	}
	l.section("kinds", "Records by "+nameOf(l.kind()))
	l.table("", l.label("kinds"), "All records, by the "+nameOf(l.kind())+" that they name",
		heads(head)+`<th scope="col" class="track"><span class="vh">Bar</span></th>`+numberHeads("Records", "Share"))
	for _, k := range ranked(l.Kinds) {
		n := l.Kinds[k]
		l.put(`
<tr><th scope="row">%v</th><td class="track" aria-hidden="true"><span><i class="%v" style="width:%v%%"></i></span></td>%v</tr>`,
			nameOf(k), kindClass(k), share(n, l.Result.Records), cells(l.count(n, "kinds", k), format("%v", percent(n, l.Result.Records))))
	}
	l.put(endTable + "\n</section>")
}

func (l *pageLog) lengths() {
	n := &l.Lengths
	if len(n.Percentiles) == 0 {
		return
	}
	l.section("lengths", "Length of lines")
	l.table("", l.label("lengths"), fmt.Sprintf("Lines of records, without newline; percentiles are right to within %.1f %%", 100*n.Error),
		heads("Share of lines up to this length")+numberHeads("Bytes"))
	l.row("shortest", l.count(n.Min, "line_length", "min"))
	for i, p := range n.Percentiles {
		l.row(format("%v %%", p.P), l.count(p.Length, "line_length", "percentiles", i, "length"))
	}
	l.row("longest", l.count(n.Max, "line_length", "max"))
	l.put(endTable + "\n</section>")
}

func (l *pageLog) overTime() {
	records, bytes, legend := l.charts()
	if records.Width == 0 {
		return
	}
	l.section("time", "Records over time")
	l.put("\n<p class=\"note\">%v</p>\n<ul class=\"legend\" aria-label=\"Colours\">", records.Note)
	var labels []string
	for _, k := range legend {
		labels = append(labels, l.kindLabel(k))
		l.put("\n<li><i class=\"%v\"></i>%v</li>", kindClass(k), l.kindLabel(k))
	}
	l.put("\n</ul>")
	l.draw(&records, l.id+"-rt", "Records over time", "plot")
	l.put("\n<details class=\"same\"><summary>The same as a table</summary>")
	l.table("", `aria-label="Records and bytes over time"`, "Records and bytes in each "+lasting(l.Timeline.Width),
		heads("From")+numberHeads("Records")+numberHeads(labels...)+numberHeads("Bytes"))
	for i, b := range l.Timeline.Bins {
		numbers := []markup{l.count(b.Records, "timeline", "bins", i, "records")}
		for _, k := range legend {
			cell := markup("0")
			if n := b.Kinds[k]; n > 0 {
				cell = l.count(n, "timeline", "bins", i, "kinds", k)
			}
			numbers = append(numbers, cell)
		}
		l.row(l.moment(b.Start, "timeline", "bins", i, "start"), append(numbers, l.offset(b.Bytes, "timeline", "bins", i, "bytes"))...)
	}
	l.put(endTable + "</details>\n</section>")
	l.section("bytes", "Bytes over time")
	l.put("\n<p class=\"note\">%v</p>", bytes.Note)
	l.draw(&bytes, l.id+"-bt", "Bytes over time", "plot low")
	l.put("\n</section>")
}

func (l *pageLog) tops() {
	tops := slices.DeleteFunc(slices.Clone(l.Top.named()), func(t fieldHeavy) bool { return len(t.Items) == 0 })
	if len(tops) == 0 {
		return
	}
	l.put("\n<div class=\"trio\">")
	for _, t := range tops {
		note := fmt.Sprintf("Exact counts; %s in all.", humanize.Comma(int64(t.Distinct)))
		if t.Error > 0 {
			note = fmt.Sprintf("Counts may be too low, by at most %s of %s records; at least %s different ones.",
				humanize.Comma(t.Error), humanize.Comma(t.Total), humanize.Comma(int64(t.Distinct)))
		}
		slug := strings.ReplaceAll(t.Field, " ", "_")
		l.section(slug, nameOf(t.title()))
		l.table(` class="top"`, l.label(slug), note, heads("Name")+numberHeads("Records", "Share"))
		for i, it := range t.Items[:min(len(t.Items), shownKeys)] {
			l.row(format(`%v<span class="under" aria-hidden="true"><i class="k-bytes" style="width:%v%%"></i></span>`, nameOf(it.Key), share(it.Count, t.Items[0].Count)),
				l.count(it.Count, "top", t.Field, "items", i, "count"), format("%v", percent(it.Count, t.Total)))
		}
		l.put(endTable + "\n</section>")
	}
	l.put("\n</div>")
}

func (l *pageLog) anomalies() {
	l.section("anomalies", "Anomalies")
	if len(l.Anomalies) == 0 {
		none := "None: every line is a sound record."
		if l.Failure != "" {
			none = "None was found up to the failure."
		}
		l.put("\n<p class=\"note\">%v</p>\n</section>", none)
		return
	}
	l.table(` class="types"`, `aria-label="Anomalies by type"`, "By type", heads("Type, and what it means")+numberHeads("Found"))
	for _, name := range ranked(l.Counts) {
		var t record.Type
		what := ""
		if t.UnmarshalText([]byte(name)) == nil {
			what = t.Info().What
		}
		l.row(format("<code>%v</code> <small>%v</small>", nameOf(name), what), l.count(l.Counts[name], "counts", name))
	}
	l.put(endTable + "\n<details open><summary>Where they are</summary>")
	caption := markup("In the order of the file")
	if l.Omitted > 0 {
		caption += format("; %v more are not shown", l.count(l.Omitted, "omitted"))
	}
	l.table("", `aria-label="Anomalies by place"`, caption, numberHeads("Line", "Offset")+heads("Type", "Severity", "Reason"))
	for i, a := range l.Anomalies {
		line, class, where := markup("–"), "warn", ""
		if a.Line != 0 {
			line = l.offset(a.Line, "anomalies", i, "line")
		}
		if a.Severity == record.Error {
			class = "bad"
		}
		if a.Path != l.Path {
			where = " (" + nameOf(a.Path) + ")"
		}
		l.put("\n<tr id=\"%v\">%v<td><code>%v</code></td><td><span class=\"sev %v\">%v</span></td><td class=\"reason\">%v%v</td></tr>",
			l.anomalyID(i), cells(line, l.offset(a.Offset, "anomalies", i, "offset")), a.Type, class, a.Severity, nameOf(a.Reason), where)
	}
	l.put(endTable + "</details>\n</section>")
}

func byteSize(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// share is a part of a whole as a number of percent, for the length of a bar.
func share(part, whole int64) string {
	if whole <= 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64)
}

// kindLabel is what a group of kinds is called on the page: those of another
// program were not allowed one by one, they are the ones that its profile
// knows.
func (l *pageLog) kindLabel(name string) string {
	switch {
	case name == kindName(record.AllowedKind) && l.Words != nil:
		return "known"
	case name == kindName(record.AllowedKind):
		return "allowed by --allow-kind"
	case name == kindName(record.OtherKind):
		return "of unknown kinds"
	case name == kindName(record.NoKind):
		return "without a kind"
	}
	return name
}

// kindClass is the class that colours a kind.
func kindClass(name string) string {
	for _, k := range kindOrder[:4] {
		if k.String() == name {
			return "k-" + name
		}
	}
	return "k-other"
}
