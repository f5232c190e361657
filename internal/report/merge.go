package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/survey"
)

// maxMerged is how many anomalies a merged document holds one by one. The others are counted as omitted.
const maxMerged = 2 * maxResults

// Merger sums JSON reports, so that many machines can look at many logs. Totals do not depend on the order in which reports
// are read, nor on whether they are merged at once or step by step; the files stay in the order of reading.
type Merger struct {
	tool, version string
	strict        bool
	settings      map[string]string
	files         []*survey.Result
	room          int
}

// NewMerger starts with nothing. The merged document is strict if strict is set or one of the reports is.
func NewMerger(tool, version string, strict bool) *Merger {
	return &Merger{tool: tool, version: version, strict: strict, room: maxMerged}
}

// Merge sums the reports that open returns for each of the names.
func Merge(tool, version string, strict bool, names []string, open func(name string) (io.ReadCloser, error)) (*Document, error) {
	m := NewMerger(tool, version, strict)
	for _, name := range names {
		r, err := open(name)
		if err != nil {
			return nil, fmt.Errorf("merge reports: %w", err)
		}
		err = m.Read(name, r)
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("merge reports: %w", err)
		}
	}
	return m.Document(), nil
}

// Document returns the sum of what was read.
func (m *Merger) Document() *Document {
	d := NewDocument(m.tool, m.version, m.strict, m.files)
	d.Settings = m.settings
	return d
}

// Read takes the JSON reports in r, one or several after each other. It fails on a text that is none or not whole, has another
// schema or contradicts itself, for a report that can't be trusted must not count as health; name stands in the error. The
// merger is then as it was.
func (m *Merger) Read(name string, r io.Reader) error {
	n := *m
	s := &splitter{r: bufio.NewReaderSize(r, 64<<10)}
	for first := true; ; first = false {
		switch _, err := s.next(); {
		case errors.Is(err, io.EOF) && !first:
			*m = n
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("read report %s: it is empty", name)
		case err != nil:
			return fmt.Errorf("read report %s: %w", name, err)
		}
		if err := n.one(s); err != nil {
			return fmt.Errorf("read report %s: %w", name, err)
		}
	}
}

// one takes one document.
func (m *Merger) one(s *splitter) error {
	var files []*survey.Result
	rest, hasFiles, err := s.object("files", func() error {
		f, err := m.file(s)
		files = append(files, f)
		return err
	})
	if err != nil {
		return err
	}
	h, err := parseHead(rest, hasFiles)
	if err != nil {
		return err
	}
	return m.take(h, files)
}

// file takes the findings on one log. The anomalies for which there is no room are only counted.
func (m *Merger) file(s *splitter) (*survey.Result, error) {
	var kept []anomaly
	over := int64(0)
	rest, _, err := s.object("anomalies", func() error {
		text, err := s.value()
		if err != nil {
			return err
		}
		var a anomaly
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("it is no report: %w", err)
		}
		if m.room == 0 {
			over++
			return nil
		}
		m.room--
		kept = append(kept, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f := &survey.Result{}
	if err := json.Unmarshal(rest, f); err != nil {
		return nil, fmt.Errorf("it is no report: %w", err)
	}
	f.Anomalies = kept
	f.Omitted += over
	if err := consistent(f); err != nil {
		return nil, fmt.Errorf("its findings on %q contradict themselves: %w", f.Path, err)
	}
	return f, nil
}

// headIn is a head that tells what is absent.
type headIn struct {
	Record *string `json:"record"`
	Schema *int    `json:"schema"`
	Total  *Total  `json:"total"`

	Strict   bool              `json:"strict"`
	Healthy  bool              `json:"healthy"`
	Settings map[string]string `json:"settings"`
}

func parseHead(text []byte, hasFiles bool) (*headIn, error) {
	h := &headIn{}
	if err := json.Unmarshal(text, h); err != nil {
		return nil, fmt.Errorf("it is no report: %w", err)
	}
	switch {
	case h.Record != nil:
		return nil, errors.New("it is an NDJSON report; only the JSON form can be merged")
	case h.Schema == nil:
		return nil, errors.New("it is no report: it has no schema")
	case *h.Schema != Schema:
		return nil, fmt.Errorf("its schema is %d, but only %d can be read", *h.Schema, Schema)
	case !hasFiles || h.Total == nil:
		return nil, errors.New("it is no report on logs: it has no files or no total")
	}
	return h, nil
}

// take checks the head against the files and takes both in.
func (m *Merger) take(h *headIn, files []*survey.Result) error {
	got, said := NewDocument("", "", h.Strict, files), h.Total
	for _, c := range []struct {
		what      string
		sum, said int64
	}{
		{"files", got.Total.Files, said.Files},
		{"failures", got.Total.Failures, said.Failures},
		{"unhealthy", got.Total.Unhealthy, said.Unhealthy},
		{"errors", got.Total.Errors, said.Errors},
		{"warnings", got.Total.Warnings, said.Warnings},
		{"records", got.Total.Records, said.Records},
	} {
		if c.sum != c.said {
			return fmt.Errorf("it contradicts itself: total.%s is %d, but its files sum up to %d", c.what, c.said, c.sum)
		}
	}
	if got.Healthy != h.Healthy {
		return fmt.Errorf("it contradicts itself: healthy is %t, but its files say %t", h.Healthy, got.Healthy)
	}
	m.strict = m.strict || h.Strict
	m.settings = mergeSettings(m.settings, h.Settings)
	m.files = append(m.files[:len(m.files):len(m.files)], files...)
	return nil
}

// consistent checks what the verdict on a log rests on.
func consistent(f *survey.Result) error {
	var counts int64
	for _, n := range f.Counts {
		counts += n
	}
	switch {
	case f.Path == "":
		return errors.New("there is no path")
	case f.Errors < 0 || f.Warnings < 0 || f.Records < 0 || f.Lines < 0 || f.Bytes < 0 || f.Omitted < 0:
		return errors.New("a number is negative")
	case counts != f.Total():
		return fmt.Errorf("%d errors and warnings, but counts of %d", f.Total(), counts)
	case int64(len(f.Anomalies))+f.Omitted != f.Total():
		return fmt.Errorf("%d errors and warnings, but %d anomalies and %d omitted", f.Total(), len(f.Anomalies), f.Omitted)
	case f.Healthy && (f.Errors > 0 || f.Failure != ""):
		return errors.New("healthy, but with errors or a failure")
	case !f.Healthy && f.Errors == 0 && f.Failure == "":
		return errors.New("not healthy, but without errors or a failure")
	}
	return nil
}

// variousSetting is the value of a setting that was not the same everywhere.
const variousSetting = "(various)"

func mergeSettings(a, b map[string]string) map[string]string {
	if len(a)+len(b) == 0 {
		return nil
	}
	merged := map[string]string{}
	for k, v := range a {
		merged[k] = v
	}
	for k, v := range b {
		if old, ok := merged[k]; ok && old != v {
			v = variousSetting
		}
		merged[k] = v
	}
	return merged
}
