package inspect

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// The page is drawn by this package and not by a library for charts: one that
// was tried puts colours into every element, so that a page cannot follow the
// reader's choice of light or dark, and its fonts would make the binary half as
// large again. Labels are HTML beside the drawing, so that they keep their size
// on a narrow screen.
//
//go:embed page.css
var pageCSS string

// maxDrawn is how many logs a page draws. A browser has trouble with more, and
// the others are in the JSON form.
const maxDrawn = 100

// page is a page of HTML that needs nothing else, written as the logs come.
type page struct {
	w    io.Writer
	err  error // the first that w returned
	head *head
	logs int
	rows []markup // of the overview
}

// newPage begins a page on logs of the given names.
func newPage(w io.Writer, h *head, inputs []cli.Input, utc bool) (*page, error) {
	p := &page{w: w, head: h}
	more := max(0, len(inputs)-maxDrawn)
	var names []string
	for _, in := range inputs[:len(inputs)-more] {
		names = append(names, pathName(in.Path))
	}
	p.put(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="%v %v">
<link rel="icon" href="data:,">
<title>%v · papyra inspect</title>
<style>%v</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header class="wrap page-head">
<h1>Persistence Inspect</h1>`, h.Tool, h.Version, strings.Join(names[:min(len(names), 3)], ", "), markup(pageCSS))
	whose, zone := nameOf(h.Backend), "all times in UTC"
	if h.Profile != "" && h.Profile != record.Papyra().Name {
		whose = "profile " + nameOf(h.Profile)
		if !utc {
			zone = "UTC; times of records in the local zone"
		}
	}
	p.put(`
<p class="meta">%v · looked at on <time datetime="%v">%v</time> · %v</p>`,
		whose, h.Generated, strings.NewReplacer("T", " ", "Z", "").Replace(h.Generated), zone)
	if more > 0 {
		p.put("\n<p class=\"alert warn\">%v more logs are not drawn here; the JSON form has them all.</p>", more)
	}
	p.put("\n</header>\n<main id=\"main\" class=\"wrap\" tabindex=\"-1\">")
	return p, p.failure()
}

// log draws one log.
func (p *page) log(f *logReport) error {
	p.logs++
	if p.logs <= maxDrawn {
		l := &pageLog{page: p, logReport: f, key: at("/files", p.logs-1), id: fmt.Sprintf("log%d", p.logs)}
		l.write()
		p.rows = append(p.rows, l.summary())
	}
	return p.failure()
}

// summary is the row of the log in the overview.
func (l *pageLog) summary() markup {
	covered := markup("–")
	if l.First != nil {
		covered = format("%v<br>%v", l.moment(*l.First, "first_timestamp"), l.moment(*l.Last, "last_timestamp"))
	}
	return format("\n<tr><th scope=\"row\"><a href=\"#%v\">%v</a></th><td>%v</td>%v<td>%v</td></tr>", l.id, pathName(l.Path), l.badge(),
		cells(l.count(l.Result.Records, "records"), l.size(l.Bytes, "bytes"), l.count(l.Errors, "errors"), l.count(l.Warnings, "warnings")), covered)
}

// overview is a table of all logs. What is in it is known at the end; the style
// of the page puts it in front.
func (p *page) overview() {
	if len(p.rows) < 2 {
		return
	}
	p.put("\n<section class=\"card overview\" aria-labelledby=\"overview\">\n<h3 id=\"overview\">Overview</h3>")
	p.table("", `aria-label="All logs"`, format("%v logs; a name leads to the log, a verdict to its anomalies", len(p.rows)),
		heads("Log", "Verdict")+numberHeads("Records", "Text", "Errors", "Warnings")+heads("First and last record"))
	for _, row := range p.rows {
		p.put("%v", row)
	}
	p.put(endTable + "\n</section>")
}

func (p *page) end() error {
	p.overview()
	p.put(`
</main>
<footer class="wrap">
<p>Made by %v %v. Nothing was changed. The numbers are those of the JSON form, schema %v.</p>
</footer>
</body>
</html>
`, p.head.Tool, p.head.Version, p.head.Schema)
	return p.failure()
}

func (p *page) failure() error {
	if p.err != nil {
		return fmt.Errorf("write page: %w", p.err)
	}
	return nil
}

// pathName is the name of a log, safe to print.
func pathName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return safetext.String(path)
}
