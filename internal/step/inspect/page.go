package inspect

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// The page is drawn by this package and not by a library for charts: one that
// was tried puts colours into every element, so that a page cannot follow the
// reader's choice of light or dark, and its fonts would make the binary half as
// large again. Labels are HTML beside the drawing, so that they keep their size
// on a narrow screen.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// Every number on the page is a data element whose data-key is where the same
// number stands in the JSON form (RFC 6901). Parsed on first use: it takes longer than a small inspection.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(pageFuncs).Parse(pageHTML))
})

var pageFuncs = template.FuncMap{
	"css":       func() template.CSS { return template.CSS(pageCSS) },
	"count":     func(key string, n int64) template.HTML { return dataElement(key, decimal(n), humanize.Comma(n)) },
	"size":      func(key string, n int64) template.HTML { return dataElement(key, decimal(n), byteSize(n)) },
	"offset":    func(key string, n int64) template.HTML { return dataElement(key, decimal(n), decimal(n)) },
	"decimal":   func(key string, f float64) template.HTML { return dataElement(key, shortest(f), number(f)) },
	"moment":    func(key string, f float64) template.HTML { return dataElement(key, shortest(f), shownTime(f)) },
	"human":     strings.NewReplacer("T", " ", "Z", "").Replace,
	"at":        at,
	"logID":     logID,
	"name":      nameOf,
	"plural":    plural,
	"lasting":   lasting,
	"percent":   percent,
	"share":     share,
	"sum":       func(a, b int64) int64 { return a + b },
	"asPercent": func(f float64) float64 { return 100 * f },
	"kindOf":    kindClassByName,
	"cellOf":    cellOf,
	"drawing":   func(id, title, class string, c chart) drawing { return drawing{c, id, title, class} },
	"deref":     func(f *float64) float64 { return *f },
	"limit":     func(n *int64) string { return none(n, decimal) },
	"age":       func(f *float64) string { return none(f, plain) },
}

// dataElement is a number for people and for programs.
func dataElement(key, value, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<data value="%s" data-key="%s">%s</data>`,
		template.HTMLEscapeString(value), template.HTMLEscapeString(key), template.HTMLEscapeString(text)))
}

// at appends steps to a JSON pointer in the form for URIs: a step may be a name
// from a log.
func at(key string, steps ...any) string {
	for _, s := range steps {
		key += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(fmt.Sprint(s)))
	}
	return key
}

// logID is the anchor of a log on the page.
func logID(i int) string { return fmt.Sprintf("log%d", i+1) }

func byteSize(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// share is a part of a whole as a number of percent, for the length of a bar.
func share(part, whole int64) string {
	if whole <= 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64)
}

// pageLog is one log on the page.
type pageLog struct {
	*logReport
	Retention     retention
	Key, ID, Name string
	Verdict       string // a class: good, warn, bad
	Words         string
	Kinds         []namedCount
	Counts        []namedCount
	Legend        []kindLegend
	Records       chart
	Bytes         chart
	Strip         []stripCell
	StripNote     string
	StripEnds     [2]string
	Tops          []namedHeavy
	ByKind        []namedSplit
	ByLimit       []namedAmount
}

type namedCount struct {
	Key, Name string
	Count     int64
}

type namedHeavy struct {
	Key, Slug, Title, Note string
	Items                  []item
	Total                  int64
	Most                   int64
}

type namedSplit struct {
	Key, Name string
	split
}

type namedAmount struct {
	Key, Name string
	amount
}

type kindLegend struct {
	Class, Name string
}

// maxDrawn is how many logs a page draws. A browser has trouble with more, and the
// others are in the JSON form.
const maxDrawn = 100

// page is a page of HTML that needs nothing else, written as the logs come.
type page struct {
	w    io.Writer
	head *head
	logs int
}

// pageHead is what stands above the logs.
type pageHead struct {
	*head
	Names []string // of the logs that are drawn
	More  int
}

// newPage begins a page on logs of the given names.
func newPage(w io.Writer, h *head, inputs []cli.Input) (*page, error) {
	p := &page{w: w, head: h}
	top := pageHead{head: h, More: max(0, len(inputs)-maxDrawn)}
	for _, in := range inputs[:len(inputs)-top.More] {
		top.Names = append(top.Names, pageName(in.Path))
	}
	return p, p.execute("top", top)
}

// log draws one log.
func (p *page) log(f *logReport) error {
	p.logs++
	if p.logs > maxDrawn {
		return nil
	}
	return p.execute("log", newPageLog(p.logs-1, f, p.head))
}

func (p *page) end() error { return p.execute("bottom", p.head) }

func (p *page) execute(part string, data any) error {
	if err := pageTemplate().ExecuteTemplate(p.w, part, data); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func pageName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return safetext.String(path)
}

func newPageLog(i int, f *logReport, h *head) *pageLog {
	p := &pageLog{logReport: f, Retention: h.Retention, Key: at("/files", i), ID: logID(i), Name: pageName(f.Path)}
	switch {
	case f.Failure != "":
		p.Verdict, p.Words = "bad", "No verdict"
	case f.Missing:
		p.Verdict, p.Words = "good", "No such file"
	case f.Errors > 0:
		p.Verdict, p.Words = "bad", plural(f.Errors, "error")
	case f.Warnings > 0:
		p.Verdict, p.Words = "warn", plural(f.Warnings, "warning")
	default:
		p.Verdict, p.Words = "good", "Healthy"
	}
	p.Kinds = ranked(at(p.Key, "kinds"), f.Kinds)
	p.Counts = ranked(at(p.Key, "counts"), f.Counts)
	p.charts()
	p.strip()
	for _, t := range f.Top.named() {
		if len(t.Items) == 0 {
			continue
		}
		note := fmt.Sprintf("Exact counts; %s in all.", humanize.Comma(int64(t.Distinct)))
		if t.Error > 0 {
			note = fmt.Sprintf("Counts may be too low, by at most %s of %s records; at least %s different ones.",
				humanize.Comma(t.Error), humanize.Comma(t.Total), humanize.Comma(int64(t.Distinct)))
		}
		p.Tops = append(p.Tops, namedHeavy{at(p.Key, "top", t.Field), strings.ReplaceAll(t.Field, " ", "_"), t.title, note, t.Items[:min(len(t.Items), shownKeys)], t.Total, t.Items[0].Count})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Preview.ByKind)) {
		p.ByKind = append(p.ByKind, namedSplit{at(p.Key, "retention_preview", "by_kind", name), name, f.Preview.ByKind[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Preview.ByLimit)) {
		p.ByLimit = append(p.ByLimit, namedAmount{at(p.Key, "retention_preview", "by_limit", name), name, f.Preview.ByLimit[name]})
	}
	return p
}

// ranked is a map of counts, the most frequent first.
func ranked(key string, counts map[string]int64) []namedCount {
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return compare(counts[b], counts[a]) })
	out := []namedCount{}
	for _, n := range names {
		out = append(out, namedCount{at(key, n), nameOf(n), counts[n]})
	}
	return out
}

// cellOf is the number of records of a kind in one bin.
func cellOf(key string, i int, b bin, kind string) template.HTML {
	if n := b.Kinds[kind]; n > 0 {
		return dataElement(at(key, "timeline", "bins", i, "kinds", kind), decimal(n), humanize.Comma(n))
	}
	return "0"
}

// kindClassByName is the class that colours a kind by its name.
func kindClassByName(name string) string {
	for k := record.Event; k <= record.Metric; k++ {
		if k.String() == name {
			return kindClass(k)
		}
	}
	return "k-other"
}

// Covered is the time from the first record to the last, in seconds.
func (p *pageLog) Covered() float64 {
	if p.First == nil {
		return 0
	}
	return *p.Last - *p.First
}

// kindClass is the class that colours a kind.
func kindClass(k record.Kind) string {
	switch k {
	case record.Event, record.Audit, record.DeadLetter, record.Metric:
		return "k-" + k.String()
	}
	return "k-other"
}
