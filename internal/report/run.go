package report

import (
	"bufio"
	"cmp"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Run is what monitoring learns of one run of a step: what was found in the
// logs that it looked at, what became of those that it was to change, and when
// it last did all that it should. Labels are escaped as for a terminal, since
// they turn up in messages to people.
type Run struct {
	Head
	// Step is the label that tells the runs of one step from those of others,
	// such as "repair".
	Step string
	// Strict says that warnings make a log unhealthy too.
	Strict bool
	// Now tells when the run ended; nil leaves the times out.
	Now func() time.Time
	// Previous reads the file that is replaced, nil if there is none. It is
	// called last, for another step may end while this one runs.
	Previous func() *Textfile
	// Metrics are what the run counted.
	Metrics Metrics

	logs, failures, skipped, unhealthy int64

	looks   []series
	index   map[string]int // in looks, by path
	held    int64
	changes []Change
	changed map[string]int // in changes, by path
}

// Change is what became of one log that a step was to change.
type Change struct {
	Path            string
	Failed, Changed bool
	// Skipped says that another run held the log, so that nothing was done: the
	// next run will do.
	Skipped bool
	// Guarantee is the one that held while the log was replaced; "" if it was
	// not.
	Guarantee string
	// Bytes and Records are how many there were before and are after, or were
	// appended, as far as somebody counted.
	Bytes, Records map[string]int64
	// Lines are those that were repaired or refused, by type.
	Lines map[string]int64
}

// maxSeries is how many logs have metrics of their own. With more of them, a
// collector would have more series than it can take: the metrics of the run
// tell of all logs.
const maxSeries = 2000

// Look takes in what was found in a log.
func (r *Run) Look(f *survey.Result) {
	r.Metrics.Look(f)
	r.logs++
	switch {
	case f.Failure != "":
		r.failures++
	case f.Unhealthy(r.Strict):
		r.unhealthy++
	}
	if r.held == maxSeries {
		return
	}
	r.held++
	if r.index == nil {
		r.index = map[string]int{}
	}
	c := *f
	c.Anomalies = nil
	path := safetext.String(f.Path)
	at, ok := r.index[path]
	if !ok {
		at = len(r.looks)
		r.index[path] = at
		r.looks = append(r.looks, series{path: path})
	}
	r.looks[at].files = append(r.looks[at].files, &c)
}

// Again forgets what was found, before all logs are looked at once more.
func (r *Run) Again() {
	r.looks, r.index, r.held = nil, map[string]int{}, 0
	r.logs, r.failures, r.skipped, r.unhealthy = 0, 0, 0, 0
}

// Change takes in what became of a log. What was done to one path several times
// is one change of it.
func (r *Run) Change(c Change) {
	if r.index == nil {
		r.logs++
	}
	if c.Failed {
		r.failures++
	} else if c.Skipped {
		r.skipped++
	}
	c.Path = safetext.String(c.Path)
	if r.changed == nil {
		r.changed = map[string]int{}
	}
	if i, ok := r.changed[c.Path]; ok {
		r.changes[i] = r.changes[i].then(c)
	} else if len(r.changes) < maxSeries {
		r.changed[c.Path] = len(r.changes)
		r.changes = append(r.changes, c)
	}
}

// then is the change after which there was another one.
func (c Change) then(next Change) Change {
	next.Skipped = c.Skipped || next.Skipped
	next.Failed, next.Changed = c.Failed || next.Failed, c.Changed || next.Changed
	next.Guarantee = cmp.Or(next.Guarantee, c.Guarantee)
	for _, m := range []struct {
		to   *map[string]int64
		from map[string]int64
	}{{&next.Bytes, c.Bytes}, {&next.Records, c.Records}} {
		for when, n := range m.from {
			if _, said := (*m.to)[when]; when == "before" || !said {
				if *m.to == nil {
					*m.to = map[string]int64{}
				}
				(*m.to)[when] = n
			}
		}
	}
	lines := maps.Clone(c.Lines)
	if lines == nil {
		lines = map[string]int64{}
	}
	for t, n := range next.Lines {
		lines[t] += n
	}
	next.Lines = lines
	return next
}

// lastSuccessName is read back from the file that is replaced.
const lastSuccessName = "papyra_run_last_success_timestamp_seconds"

// Write writes the whole file: what this run came to, and what the last runs of
// other steps did.
func (r *Run) Write(w io.Writer) error {
	buf := bufio.NewWriter(w)
	if err := r.write(buf); err != nil {
		return err
	}
	return buf.Flush()
}

func (r *Run) write(w *bufio.Writer) error {
	var old *Textfile
	if r.Previous != nil {
		old = r.Previous()
	}
	if old == nil {
		old = &Textfile{}
	}
	last, succeeded := old.of(lastSuccessName, r.Step)
	e := &exposition{w: w, carried: old.others(r.Step)}
	r.exposeLooks(e)
	r.exposeChanges(e)
	one := func(name, help string, v float64) {
		e.metric(name, "gauge", help)
		e.sample(v, "step", r.Step)
	}
	one("papyra_run_success", "1 if the last run did what it should with every log, whatever it found.", *bit(r.failures+r.skipped == 0))
	one("papyra_run_logs", "Logs of the last run.", float64(r.logs))
	one("papyra_run_failures", "Logs on which the last run failed.", float64(r.failures))
	one("papyra_run_skipped", "Logs that another run held, on which the last run did nothing.", float64(r.skipped))
	if r.index != nil {
		one("papyra_run_unhealthy", "Logs that are not healthy.", float64(r.unhealthy))
	}
	one("papyra_run_unlisted", "Logs of the last run that have no metrics of their own, for their number.", float64(max(r.logs-max(r.held, int64(len(r.changes))), 0)))
	if r.Now != nil {
		now := float64(r.Now().UnixMilli()) / 1000
		one("papyra_run_last_timestamp_seconds", "When the last run ended, in Unix seconds.", now)
		if r.failures+r.skipped == 0 {
			last, succeeded = now, true
		}
	}
	if succeeded {
		one(lastSuccessName, "When a run last did what it should with every log, in Unix seconds.", last)
	}
	e.metric("papyra_build_info", "gauge", "Which tool wrote this.")
	e.sample(1, "step", r.Step, "tool", clean(r.Tool), "version", clean(r.Version))
	m := r.Metrics
	m.Add(old.Metrics)
	m.expose(e, r.Step, old.counted)
	e.end()
	return nil
}

// exposeChanges writes gauges for each log that was to be changed.
func (r *Run) exposeChanges(e *exposition) {
	gauge := func(name, help, label string, values func(c *Change) map[string]int64) {
		e.metric(name, "gauge", help)
		for i := range r.changes {
			c := &r.changes[i]
			for _, word := range slices.Sorted(maps.Keys(values(c))) {
				labels := []string{"step", r.Step, "path", c.Path, label, word}
				if label == "" {
					labels = labels[:4]
				}
				e.sample(float64(values(c)[word]), labels...)
			}
		}
	}
	one := func(b bool) map[string]int64 { return map[string]int64{"": int64(*bit(b))} }
	gauge("papyra_change_success", "1 if the step did what it should with the log.", "", func(c *Change) map[string]int64 { return one(!c.Failed && !c.Skipped) })
	gauge("papyra_change_changed", "1 if the log was changed.", "", func(c *Change) map[string]int64 { return one(c.Changed) })
	gauge("papyra_change_bytes", "Bytes of the log before and after, or appended.", "when", func(c *Change) map[string]int64 { return c.Bytes })
	gauge("papyra_change_records", "Records in the log before and after, or appended.", "when", func(c *Change) map[string]int64 { return c.Records })
	gauge("papyra_change_lines", "Lines that were repaired, or refused, by the type of anomaly.", "type", func(c *Change) map[string]int64 { return c.Lines })
	gauge("papyra_change_guarantee", "1: what kept concurrent appends safe while the log was replaced.", "guarantee", func(c *Change) map[string]int64 {
		if c.Guarantee == "" {
			return nil
		}
		return map[string]int64{c.Guarantee: 1}
	})
}
