package report

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"

	"encoding/json"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxKept is how many bytes of the anomalies of one log are held at a time. The
// others are counted as omitted.
const maxKept = 4 << 20

// Merger puts together what the JSON reports of one step say, so that many
// machines can look at many logs. T is what such a report says of one log.
//
// It fails on a text that is no report or not whole, has another schema or
// contradicts itself, for a report that can't be trusted must not count as
// health. Nothing is handed out before every report was read: findings wait, in
// memory up to a bound and beyond it in a temporary file.
//
// The findings on the shards of a log are put together, and stand where the
// first of them was read. Shards that do not cover their log, all of it once,
// are refused, and so is a log that is in two reports of one host.
type Merger[T any] struct {
	// New returns a T to decode into, and the result of the survey within it.
	New func() (T, *survey.Result)
	// Report is called for each report. The first function takes what it says
	// of a log, or refuses that; the other one takes the report without its
	// logs, or refuses it.
	Report func() (file func(T) error, end func(text []byte) error)
	// Join adds the findings on the shard that follows, and Whole makes those
	// on all shards the findings on the log.
	Join  func(whole, next T)
	Whole func(T)
	// Longest is the longest part of a report, such as one anomaly, that is
	// read, in bytes; 0 means 1 MiB.
	Longest int
	// Host is on which host the reports were made, once they are read.
	Host string

	begun  bool        // there was a report
	files  spool.Spool // an object for each log or shard
	size   int64       // of files
	shards tiles
	once   once
}

// Read reads the reports of the given names. What open returns may hold several
// after each other.
func (m *Merger[T]) Read(names []string, open func(name string) (io.ReadCloser, error)) error {
	m.once.marks = spool.Sorter{Limit: onceBytes, What: "the names of logs"}
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
	again, err := m.files.Reader()
	if err != nil {
		return fmt.Errorf("merge reports: %w", err)
	}
	read := func(at int64) (*survey.Result, error) {
		_, f, err := m.again(again, at)
		return f, err
	}
	if err := cmp.Or(m.shards.check(read), m.once.check(read)); err != nil {
		return fmt.Errorf("merge reports: %w", err)
	}
	return nil
}

// Close lets go of what waits.
func (m *Merger[T]) Close() error { return errors.Join(m.files.Close(), m.once.marks.Close()) }

// again reads the findings that wait at a place.
func (m *Merger[T]) again(files io.ReaderAt, at int64) (T, *survey.Result, error) {
	return m.file(m.split(io.NewSectionReader(files, at, m.size-at)))
}

// Each hands out the findings on each log.
func (m *Merger[T]) Each(take func(T) error) error {
	return m.files.Take(func(r io.Reader) error {
		again := r.(io.ReaderAt)
		s := m.split(bufio.NewReaderSize(io.NewSectionReader(again, 0, m.size), 64<<10))
		for at := int64(0); at < m.size; at = s.InputOffset() {
			f, found, err := m.file(s)
			if err == nil && found.Shard != nil {
				f, found, err = m.join(again, found, at)
			}
			if err != nil {
				return fmt.Errorf("merge reports: %w", err)
			}
			if found != nil {
				if m.Host != various {
					found.Host = ""
				}
				if err := take(f); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// join returns the findings on a log if those at hand are on the shard of it
// that was read first, and nil if they are on another one.
func (m *Merger[T]) join(again io.ReaderAt, shard *survey.Result, at int64) (whole T, found *survey.Result, err error) {
	all := m.shards.of(shard, at)
	for i, x := range all {
		next, result, err := m.again(again, x.at)
		if err != nil {
			return whole, nil, err
		}
		if i == 0 {
			whole, found = next, result
			continue
		}
		// Join would tell the kinds of any number of shards apart.
		found.Kinds, result.Kinds = sum(found.Kinds, result.Kinds, maxKinds), nil
		found.Host = oneHost(found.Host, result.Host)
		m.Join(whole, next)
	}
	if all != nil {
		m.Whole(whole)
	}
	return whole, found, nil
}

// read takes the reports in r.
func (m *Merger[T]) read(r io.Reader) error {
	s := m.split(r)
	for first := true; ; first = false {
		switch err := m.one(s); {
		case err == io.EOF && !first: //nolint:errorlint // there is no more
			return nil
		case err == io.EOF: //nolint:errorlint // see above
			return errors.New("it is empty")
		case err != nil:
			return err
		}
	}
}

func (m *Merger[T]) split(r io.Reader) *splitter {
	return newSplitter(r, cmp.Or(m.Longest, maxValue))
}

// one takes one document.
func (m *Merger[T]) one(s *splitter) error {
	file, end := m.Report()
	var head struct{ Host *string } // of what comes before the files
	rest, hasFiles, err := s.object("files", func(before []byte) error {
		f, found, err := m.file(s)
		if err != nil {
			return err
		}
		if head.Host == nil {
			head.Host = new(string)
			_ = json.Unmarshal(before, &head) // what is wrong with it is told when all of it was read
		}
		if found.Host == "" && *head.Host != various {
			found.Host = *head.Host
		}
		if err := file(f); err != nil {
			return fmt.Errorf("its findings on %q contradict themselves: %w", found.Path, err)
		}
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if found.Shard == nil || m.shards.add(found, m.size) {
			if err := m.once.add(found, m.size); err != nil {
				return err
			}
		}
		m.size += int64(len(text))
		_, err = m.files.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	host, err := checkHead(rest, hasFiles)
	if err != nil {
		return err
	}
	if !m.begun {
		m.Host, m.begun = host, true
	}
	m.Host = oneHost(m.Host, host)
	return end(rest)
}

// file takes the findings on one log. The anomalies for which there is no room
// are only counted.
func (m *Merger[T]) file(s *splitter) (whole T, f *survey.Result, err error) {
	kept := []anomaly{}
	over, room := int64(0), maxKept
	rest, _, err := s.object("anomalies", func([]byte) error {
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
		return whole, nil, err
	}
	whole, f = m.New()
	if err := json.Unmarshal(rest, whole); err != nil {
		return whole, nil, fmt.Errorf("it is no report: %w", err)
	}
	if f.Kinds == nil {
		f.Kinds = map[string]int64{}
	}
	if f.Counts == nil {
		f.Counts = map[string]int64{}
	}
	f.Anomalies = kept
	f.Omitted += over
	if err := boundTypes(f); err != nil {
		return whole, nil, fmt.Errorf("it is no report: %w", err)
	}
	if err := consistent(f); err != nil {
		return whole, nil, fmt.Errorf("its findings on %q contradict themselves: %w", f.Path, err)
	}
	boundKinds(f)
	return whole, f, nil
}

// checkHead fails on what is no report on logs, and returns the host of one.
func checkHead(text []byte, hasFiles bool) (host string, err error) {
	var h struct {
		Record *string `json:"record"`
		Schema *int    `json:"schema"`
		Host   string  `json:"host"`
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return "", fmt.Errorf("it is no report: %w", err)
	}
	switch {
	case h.Record != nil:
		return "", errors.New("it is an NDJSON report; only the JSON form can be merged")
	case h.Schema == nil:
		return "", errors.New("not a papyra report: it has no schema")
	case *h.Schema != Schema:
		return "", fmt.Errorf("its schema is %d, but only %d can be read", *h.Schema, Schema)
	case !hasFiles:
		return "", errors.New("not a report on logs: it has no files")
	}
	return h.Host, nil
}

// oneHost is the host of reports from two.
func oneHost(a, b string) string {
	if a != b || len(a) > maxText {
		return various
	}
	return a
}

// maxCount is the highest number that is believed of one log, 2^53: whatever
// reads JSON can hold it, and numbers of one log can be summed without an
// overflow.
const maxCount = 1 << 53

// consistent checks what the verdict on a log rests on.
func consistent(f *survey.Result) error {
	var counts, kinds int64
	least := min(f.Errors, f.Warnings, f.Records, f.Lines, f.Bytes, f.Omitted)
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
	case least < 0:
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
