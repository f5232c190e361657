package export

import (
	"bytes"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// The columns that every file has, whatever the profile. What begins with an
// underscore is about the line, not in it.
const (
	recordColumn  = "record"
	corruptColumn = "_corrupt_record" // Spark's name for it
	logColumn     = "_log"
	offsetColumn  = "_offset"
)

// columns are those of the files of one export.
type columns struct {
	schema  *parquet.Schema
	time    int // index of the column of the time; -1 if there is none
	record  int
	corrupt int
	log     int
	offset  int
	texts   []textColumn
	row     parquet.Row
}

// textColumn holds the strings of one field.
type textColumn struct {
	index  int
	finder *pick.Finder
	buf    []byte
}

// newColumns returns the columns for the records of a profile: one for each
// field that it names. The kind is in the name of the directory.
func newColumns(p *record.Profile) *columns {
	group := parquet.Group{
		recordColumn:  parquet.Compressed(parquet.Optional(parquet.JSON()), &zstd.Codec{}),
		corruptColumn: parquet.Compressed(parquet.Optional(parquet.String()), &zstd.Codec{}),
		logColumn:     parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		offsetColumn:  parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked),
	}
	timeName := ""
	if p.HasTime() {
		timeName = columnName(p.Time.Field, group)
		group[timeName] = parquet.Compressed(parquet.Optional(parquet.Timestamp(parquet.Microsecond)), &zstd.Codec{})
	}
	names := map[record.Field]string{}
	for _, f := range fieldsOf(p) {
		names[f] = columnName(f, group)
		group[names[f]] = parquet.Compressed(parquet.Encoded(parquet.Optional(parquet.String()), &parquet.RLEDictionary), &zstd.Codec{})
	}
	c := &columns{schema: parquet.NewSchema("papyra", group), time: -1}
	index := func(name string) int {
		leaf, _ := c.schema.Lookup(name)
		return leaf.ColumnIndex
	}
	c.record, c.corrupt, c.log, c.offset = index(recordColumn), index(corruptColumn), index(logColumn), index(offsetColumn)
	if timeName != "" {
		c.time = index(timeName)
	}
	for f, name := range names {
		c.texts = append(c.texts, textColumn{index: index(name), finder: pick.NewFinder(string(f))})
	}
	c.row = make(parquet.Row, len(group))
	return c
}

// fieldsOf returns the fields that a profile names, but those of kind and time.
func fieldsOf(p *record.Profile) []record.Field {
	all := append([]record.Field{p.ID, p.Refers}, p.Top...)
	for _, any := range p.Require {
		all = append(all, any...)
	}
	seen := map[record.Field]bool{"": true, p.Kind.Field: true, p.Time.Field: true}
	var out []record.Field
	for _, f := range all {
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}

// columnName returns the name of a field's column: its key, or its path with
// underscores, which no engine needs quotes for.
func columnName(f record.Field, taken parquet.Group) string {
	name := strings.ReplaceAll(strings.TrimPrefix(string(f), "/"), "/", "_")
	for taken[name] != nil || name == "kind" || name == "date" {
		name += "_"
	}
	return name
}

// fill makes a row of a line, which is valid until the next call.
func (c *columns) fill(log string, l *line) parquet.Row {
	for i := range c.row {
		c.row[i] = parquet.NullValue().Level(0, 0, i)
	}
	set := func(i int, v parquet.Value) { c.row[i] = v.Level(0, 1, i) }
	c.row[c.log] = parquet.ByteArrayValue([]byte(log)).Level(0, 0, c.log)
	c.row[c.offset] = parquet.Int64Value(l.offset).Level(0, 0, c.offset)
	if l.damaged() {
		set(c.corrupt, parquet.ByteArrayValue(text(l.text)))
		return c.row
	}
	set(c.record, parquet.ByteArrayValue(l.text))
	if c.time >= 0 {
		if us, ok := micros(l); ok {
			set(c.time, parquet.Int64Value(us))
		}
	}
	for i := range c.texts {
		t := &c.texts[i]
		var ok bool
		if t.buf, ok = pick.AppendText(t.buf[:0], t.finder.Find(l.text)); ok {
			set(t.index, parquet.ByteArrayValue(t.buf))
		}
	}
	return c.row
}

// text returns damage as a string column can hold it.
func text(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// lastSecond is when the years that have four digits end.
var lastSecond = float64(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix())

// micros returns the time of a record in Unix microseconds, if it has one that
// a calendar can show.
func micros(l *line) (int64, bool) {
	t := l.result.Timestamp
	if !l.result.HasTimestamp || t < -62135596800 || t > lastSecond {
		return 0, false
	}
	return int64(math.Round(t * 1e6)), true
}
