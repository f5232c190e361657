package inspect

import (
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/step/inspect/sketch"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

const (
	backend = "JsonFilePersistence"
	// seriesBins is how many bins the records over time come in at most.
	seriesBins = 120
	// topKeys is how many of the busiest are reported.
	topKeys = 20
)

// percentiles are those of the line length that are reported.
var percentiles = [...]float64{1, 25, 50, 75, 90, 99, 99.9}

// head opens the report, in the form that --json prints. docs/INSPECT.md
// describes it.
type head struct {
	report.Head
	Generated string     `json:"generated"`
	Backend   string     `json:"backend"`
	Host      string     `json:"host"`
	Profile   string     `json:"profile"`
	Retention cli.Limits `json:"retention"`
	Limit     *int64     `json:"limit"`
}

// closing ends it.
type closing struct {
	Metrics report.Metrics `json:"metrics"`
}

func (m *closing) add(f *logReport) {
	m.Metrics.Look(f.Result)
	m.Metrics.Reads++
}

// logReport is what is said of one log.
type logReport struct {
	*survey.Result
	// Members are the files of a rotated set, oldest first.
	Members []string `json:"members,omitempty"`
	// Words are those of the profile, if the log is not Papyra's.
	Words *words `json:"words,omitempty"`
	// Sampled is how many records of the kinds the Python tool counts are
	// within the limit.
	Sampled  sampled  `json:"sampled"`
	Lengths  lengths  `json:"line_length"`
	Rate     *rate    `json:"rate"`
	Timeline timeline `json:"timeline"`
	Top      top      `json:"top"`
	Preview  preview  `json:"retention_preview"`
	Map      fileMap  `json:"map"`
	// State is what the report of a shard is made of, for the merge.
	State []byte `json:"state,omitempty"`
	utc   bool   // times are shown in UTC
}

type sampled struct {
	Events      sample `json:"events"`
	Audits      sample `json:"audits"`
	DeadLetters sample `json:"dead_letters"`
}

type sample struct {
	Count  int64 `json:"count"`
	Capped bool  `json:"capped"`
}

// lengths is about the lines of records, without their newlines.
type lengths struct {
	Min         int64        `json:"min"`
	Max         int64        `json:"max"`
	Mean        float64      `json:"mean"`
	Percentiles []percentile `json:"percentiles"`
	// Error is how wrong a percentile may be, as a share of it.
	Error float64 `json:"relative_error"`
}

type percentile struct {
	P      float64 `json:"p"`
	Length int64   `json:"length"`
}

// rate is how many records came a second.
type rate struct {
	Mean      float64 `json:"mean_per_second"`
	Peak      float64 `json:"peak_per_second"`
	PeakStart float64 `json:"peak_start"`
	PeakWidth float64 `json:"peak_width_seconds"`
}

type timeline struct {
	Start   float64 `json:"start"`
	Width   float64 `json:"width_seconds"`
	Bins    []bin   `json:"bins"`
	Before  int64   `json:"records_before"`
	After   int64   `json:"records_after"`
	Undated int64   `json:"records_without_time"`
}

// series is the timeline as it is drawn.
func (t *timeline) series() sketch.Series {
	s := sketch.Series{Start: t.Start, Width: t.Width, Before: t.Before, After: t.After}
	for _, b := range t.Bins {
		x := sketch.Bucket{Index: int64(b.Start / t.Width), Records: b.Records, Bytes: b.Bytes}
		for k := range x.Kinds {
			x.Kinds[k] = b.Kinds[kindName(record.Kind(k))]
		}
		s.Bins = append(s.Bins, x)
	}
	return s
}

type bin struct {
	Start   float64          `json:"start"`
	Records int64            `json:"records"`
	Bytes   int64            `json:"bytes"`
	Kinds   map[string]int64 `json:"kinds"`
}

type top struct {
	Actors  heavy `json:"actors"`
	Types   heavy `json:"event_types"`
	Targets heavy `json:"dead_letter_targets"`
	// Fields are the top fields of a profile, in place of those.
	Fields []fieldHeavy `json:"fields,omitempty"`
}

// named are the tables with something in them, for people.
func (t *top) named() []fieldHeavy {
	if t.Fields != nil {
		return t.Fields
	}
	return []fieldHeavy{{"actors", t.Actors}, {"event_types", t.Types}, {"dead_letter_targets", t.Targets}}
}

// title is what people read.
func (f *fieldHeavy) title() string {
	switch f.Field {
	case "actors":
		return "Busiest actors"
	case "event_types":
		return "Event types"
	case "dead_letter_targets":
		return "Dead letter targets"
	}
	return f.Field
}

// fieldHeavy is the busiest of one field.
type fieldHeavy struct {
	Field string `json:"field"`
	heavy
}

// heavy is the busiest of something. No count is too high, none is too low by
// more than Error, and whatever occurs more often than Error was seen.
type heavy struct {
	Total int64 `json:"total"`
	Error int64 `json:"max_error"`
	// Distinct is exact if Error is 0, else a lower bound.
	Distinct int            `json:"distinct"`
	Items    []sketch.Count `json:"items"`
}

// fileMap tells where in the file the anomalies are.
type fileMap struct {
	Width int64  `json:"cell_bytes"`
	Cells []cell `json:"cells"`
}

type cell struct {
	Offset int64 `json:"offset"`
	sketch.Cell
}

// fill makes a state into the report.
func (r *logReport) fill(c *state, limit *int64) {
	r.Sampled = sampled{capped(r.Kinds["event"], limit), capped(r.Kinds["audit"], limit), capped(r.Kinds["dead_letter"], limit)}
	l := &c.lengths
	r.Lengths = lengths{Min: l.Min(), Max: l.Max(), Mean: l.Mean(), Percentiles: []percentile{}, Error: sketch.LengthError}
	if l.N() > 0 {
		for _, p := range percentiles {
			r.Lengths.Percentiles = append(r.Lengths.Percentiles, percentile{p, l.Percentile(p)})
		}
	}
	// A short log in many bins would be drawn as noise.
	s := c.times.Series(int(min(seriesBins, max(r.Records/3, 12))))
	r.Timeline = timeline{Start: s.Start, Width: s.Width, Bins: []bin{}, Before: s.Before, After: s.After}
	var dated int64
	for i, b := range s.Bins {
		dated += b.Records
		r.Timeline.Bins = append(r.Timeline.Bins, bin{s.Start + float64(i)*s.Width, b.Records, b.Bytes, kindCounts(&b.Kinds)})
	}
	r.Timeline.Undated = r.Records - dated - s.Before - s.After
	if i := s.Busiest(); i >= 0 {
		took := float64(len(s.Bins)) * s.Width
		if s.Before+s.After == 0 && *r.Last > *r.First && *r.Last-*r.First < took {
			took = *r.Last - *r.First
		}
		r.Rate = &rate{Mean: float64(dated) / took, Peak: float64(s.Bins[i].Records) / s.Width,
			PeakStart: s.Start + float64(i)*s.Width, PeakWidth: s.Width}
	}
	if c.foreign {
		none := heavy{Items: []sketch.Count{}}
		r.Top = top{none, none, none, []fieldHeavy{}}
		for i, f := range c.fields {
			r.Top.Fields = append(r.Top.Fields, fieldHeavy{string(f), busiest(c.top[i])})
		}
	} else {
		r.Top = top{busiest(c.top[keyActor]), busiest(c.top[keyType]), busiest(c.top[keyTarget]), nil}
	}
	r.Map = fileMap{Width: c.strip.Width(), Cells: []cell{}}
	for i, x := range c.strip.Cells() {
		if x != (sketch.Cell{}) {
			r.Map.Cells = append(r.Map.Cells, cell{int64(i) * c.strip.Width(), x})
		}
	}
}

// capped is the newest n records at most, with the Python tool's idea of when
// to say that a limit was reached.
func capped(n int64, limit *int64) sample {
	if limit == nil || n < *limit {
		return sample{Count: n}
	}
	return sample{Count: *limit, Capped: true}
}

func kindCounts(kinds *[record.NumKinds]int64) map[string]int64 {
	out := map[string]int64{}
	for k, n := range kinds {
		if n > 0 {
			out[kindName(record.Kind(k))] = n
		}
	}
	return out
}

func busiest(h *sketch.Heavy) heavy {
	return heavy{Total: h.Total(), Error: h.MaxError(), Distinct: h.Distinct(), Items: h.Top(topKeys)}
}

// words are what a log that is not Papyra's calls things.
type words struct {
	Profile string       `json:"profile"`
	Kind    record.Field `json:"kind_field"` // "" for none
	Time    record.Field `json:"time_field"`
	Format  string       `json:"time_format"`
}

// wordsOf are the words of a profile, nil for Papyra's, whose logs are spoken
// of as the Python tool does.
func wordsOf(p *record.Profile) *words {
	if p == record.Papyra() {
		return nil
	}
	w := &words{Profile: p.Name, Kind: p.Kind.Field, Time: p.Time.Field}
	if p.HasTime() {
		w.Format = p.Time.Format.String()
	}
	return w
}

// kind is what kinds are called.
func (r *logReport) kind() string {
	if r.Words == nil || r.Words.Kind == "" {
		return "kind"
	}
	return string(r.Words.Kind)
}

// zone is the one that times are shown in: Papyra's are in UTC.
func (r *logReport) zone() *time.Location {
	if r.Words == nil || r.utc {
		return time.UTC
	}
	return time.Local
}

// shownTime is a timestamp as a date, or as a number if it can be none.
func (r *logReport) shownTime(seconds float64) string {
	at, ok := report.Time(seconds)
	if !ok {
		return shortest(seconds)
	}
	return at.In(r.zone()).Format("2006-01-02 15:04:05")
}
