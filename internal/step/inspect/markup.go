package inspect

import (
	"fmt"
	"html"
	"net/url"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
)

// markup is HTML, as opposed to text. Only constants and format make it.
type markup string

// format fills the places of a constant piece of HTML with values. Each is
// escaped unless it is markup. A place must be the content of an element, or
// stand within the quotes of an attribute that is neither a URL nor an event
// handler: html/template would tell these apart, but makes every binary that
// holds it half a megabyte larger.
func format(form string, values ...any) markup {
	for i, v := range values {
		if _, ok := v.(markup); !ok {
			values[i] = markup(html.EscapeString(fmt.Sprint(v)))
		}
	}
	return markup(fmt.Sprintf(form, values...))
}

// put writes a piece of the page; see [format].
func (p *page) put(form string, values ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprint(p.w, format(form, values...))
	}
}

// dataElement is a number for people and for programs: key is where the same
// number stands in the JSON form, a JSON pointer in the form for URIs (RFC
// 6901).
func dataElement(key, value, text string) markup {
	return format(`<data value="%v" data-key="%v">%v</data>`, value, key, text)
}

// at appends steps to a key: a step may be a name from a log.
func at(key string, steps ...any) string {
	for _, s := range steps {
		key += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(fmt.Sprint(s)))
	}
	return key
}

func (l *pageLog) count(n int64, steps ...any) markup {
	return dataElement(at(l.key, steps...), decimal(n), humanize.Comma(n))
}

func (l *pageLog) size(n int64, steps ...any) markup {
	return dataElement(at(l.key, steps...), decimal(n), byteSize(n))
}

func (l *pageLog) offset(n int64, steps ...any) markup {
	return dataElement(at(l.key, steps...), decimal(n), decimal(n))
}

func (l *pageLog) decimal(f float64, steps ...any) markup {
	return dataElement(at(l.key, steps...), shortest(f), number(f))
}

func (l *pageLog) moment(f float64, steps ...any) markup {
	return dataElement(at(l.key, steps...), shortest(f), l.shownTime(f))
}

// section begins a section of a log; its heading has the id that label makes.
func (l *pageLog) section(slug, title string) {
	l.put(`
<section class="card" %v>
<h3 id="%v-%v">%v</h3>`, l.label(slug), l.id, slug, title)
}

// label is the attribute that names an element by the heading of its section.
func (l *pageLog) label(slug string) markup {
	return format(`aria-labelledby="%v-%v"`, l.id, slug)
}

// table begins a table that scrolls by itself, with the heads of its columns.
func (p *page) table(attributes, label markup, caption any, columns markup) {
	p.put(`
<div class="scroll" tabindex="0" role="region" %v><table%v>
<caption>%v</caption>
<thead><tr>%v</tr></thead>
<tbody>`, label, attributes, caption, columns)
}

// row is a row of a table: what it is about, and numbers.
func (l *pageLog) row(name any, numbers ...markup) {
	l.put("\n<tr><th scope=\"row\">%v</th>%v</tr>", name, cells(numbers...))
}

func cells(numbers ...markup) (out markup) {
	for _, n := range numbers {
		out += format(`<td class="n">%v</td>`, n)
	}
	return out
}

const endTable = `
</tbody></table></div>`

// heads and numberHeads are the heads of columns of words and of numbers.
func heads(names ...string) (out markup) {
	for _, n := range names {
		out += format(`<th scope="col">%v</th>`, n)
	}
	return out
}

func numberHeads(names ...string) (out markup) {
	for _, n := range names {
		out += format(`<th scope="col" class="n">%v</th>`, n)
	}
	return out
}
