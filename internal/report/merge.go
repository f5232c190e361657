package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxKept is how many bytes of the anomalies of one log are held at a time. The
// others are counted as omitted.
const maxKept = 4 << 20

// Merge adds the findings of the JSON reports of the given names to the document, so that many machines can look at many logs. A
// reader that open returns may hold several reports after each other. The document becomes strict if one of the reports is, and
// takes over their settings. Totals do not depend on the order in which reports are read, nor on whether they are merged at once or
// step by step; the files come in the order of reading.
//
// It fails on a text that is no report or not whole, has another schema or contradicts itself, for a report that can't be trusted must
// not count as health. Nothing is then added: findings wait, in memory up to a bound and beyond it in a temporary file, until
// every report was read.
//
// The findings on the shards of a log are put together, and stand where the first
// of them was read: at most so many of its anomalies are listed as most says.
// Shards that do not cover their log, all of it once, are refused.
func (d *Document) Merge(names []string, open func(name string) (io.ReadCloser, error), most int) error {
	m := &merger{strict: d.Strict}
	defer m.files.close()
	for _, name := range names {
		r, err := open(name)
		if err != nil {
			return fmt.Errorf("merge reports: %w", err)
		}
		err = m.read(r)
		r.Close()
		if err != nil {
			return fmt.Errorf("merge reports: read report %s: %w", name, err)
		}
	}
	if err := m.shards.check(); err != nil {
		return fmt.Errorf("merge reports: %w", err)
	}
	d.Strict, d.Settings = m.strict, m.settings
	return m.files.take(func(r io.Reader) error {
		if err := m.give(r, most, d.Add); err != nil {
			return fmt.Errorf("merge reports: %w", err)
		}
		return nil
	})
}

// give hands out the findings on each log.
func (m *merger) give(r io.Reader, most int, add func(*survey.Result)) error {
	again := r.(io.ReaderAt)
	at := int64(0)
	for lines := bufio.NewReaderSize(io.NewSectionReader(again, 0, m.size), 64<<10); at < m.size; {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		f, err := m.file(newSplitter(bytes.NewReader(text)))
		if err != nil {
			return err
		}
		if f.Shard != nil {
			if f, err = m.shards.join(f, at, func(at, length int64) (*survey.Result, error) {
				return m.file(newSplitter(io.NewSectionReader(again, at, length)))
			}, most); err != nil {
				return err
			}
		}
		if f != nil {
			add(f)
		}
		at += int64(len(text))
	}
	return nil
}

// merger is what was read of the reports so far.
type merger struct {
	strict   bool
	settings map[string]string
	files    spool // a line for each log or shard
	size     int64 // of files
	shards   tiles
}

// read takes the reports in r.
func (m *merger) read(r io.Reader) error {
	s := newSplitter(r)
	for first := true; ; first = false {
		switch _, err := s.next(); {
		case errors.Is(err, io.EOF) && !first:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("it is empty")
		case err != nil:
			return err
		}
		if err := m.one(s); err != nil {
			return err
		}
	}
}

// one takes one document. Only its head says whether it is strict, and that may come after the files: they are summed both ways.
func (m *merger) one(s *splitter) error {
	sums := map[bool]*Document{false: NewDocument("", "", false), true: NewDocument("", "", true)}
	rest, hasFiles, err := s.object("files", func() error {
		f, err := m.file(s)
		if err != nil {
			return err
		}
		sums[false].Add(f)
		sums[true].Add(f)
		text, err := json.Marshal(plain(f))
		if err != nil {
			return err
		}
		text = append(text, '\n')
		if f.Shard != nil {
			m.shards.add(f, m.size, int64(len(text)))
		}
		m.size += int64(len(text))
		_, err = m.files.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	h, err := parseHead(rest, hasFiles)
	if err != nil {
		return err
	}
	m.strict = m.strict || h.Strict
	if err := m.set(h.Settings); err != nil {
		return err
	}
	return h.check(sums[h.Strict])
}

// file takes the findings on one log. The anomalies for which there is no room are only counted.
func (m *merger) file(s *splitter) (*survey.Result, error) {
	var kept []anomaly
	over, room := int64(0), maxKept
	rest, _, err := s.object("anomalies", func() error {
		text, err := s.value()
		if err != nil {
			return err
		}
		var a anomaly
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("it is no report: %w", err)
		}
		if room -= len(text); room < 0 {
			over++
			return nil
		}
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
	if err := boundTypes(f); err != nil {
		return nil, fmt.Errorf("it is no report: %w", err)
	}
	if err := consistent(f); err != nil {
		return nil, fmt.Errorf("its findings on %q contradict themselves: %w", f.Path, err)
	}
	boundKinds(f)
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

// check holds what a report says of its files against their sum.
func (h *headIn) check(got *Document) error {
	said := h.Total
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
	return nil
}

// maxCount is the highest number that is believed of one log, 2^53: whatever reads
// JSON can hold it, and numbers of one log can be summed without an overflow.
const maxCount = 1 << 53

// consistent checks what the verdict on a log rests on.
func consistent(f *survey.Result) error {
	var counts, kinds, least int64
	for _, n := range f.Counts {
		counts = add(counts, n)
		least = min(least, n)
	}
	for _, n := range f.Kinds {
		kinds = add(kinds, n)
		least = min(least, n)
	}
	most := max(f.Errors, f.Warnings, f.Records, f.Lines, f.Bytes, f.Omitted, counts, kinds)
	switch {
	case f.Path == "":
		return errors.New("there is no path")
	case f.Errors < 0 || f.Warnings < 0 || f.Records < 0 || f.Lines < 0 || f.Bytes < 0 || f.Omitted < 0 || least < 0:
		return errors.New("a number is negative")
	case most > maxCount:
		return fmt.Errorf("%d is more than a log can hold", most)
	case counts != f.Total():
		return fmt.Errorf("%d errors and warnings, but counts of %d", f.Total(), counts)
	case int64(len(f.Anomalies))+f.Omitted != f.Total():
		return fmt.Errorf("%d errors and warnings, but %d anomalies and %d omitted", f.Total(), len(f.Anomalies), f.Omitted)
	case f.Healthy && (f.Errors > 0 || f.Failure != ""):
		return errors.New("healthy, but with errors or a failure")
	case !f.Healthy && f.Errors == 0 && f.Failure == "":
		return errors.New("not healthy, but without errors or a failure")
	case f.Shard != nil:
		return wellFormed(f)
	}
	return nil
}
