package durable_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const (
	simDir  = "/log"
	simLog  = simDir + "/events.ndjson"
	evil    = "/quarantine"  // on the log's device
	farAway = "/otherdevice" // on another one
)

// record makes a line of about size bytes that no other line can be taken for.
func record(id string, size int) string {
	return fmt.Sprintf(`{"kind":"event","id":"%s","pad":"%s"}`+"\n", id, strings.Repeat(id+".", size/(len(id)+1)))
}

// model is what the world expects of one log.
type model struct {
	old, new []string        // the log's lines before the rewrite, and those that it keeps
	safe     map[string]bool // lines of writers that an fsync covered
	written  map[string]bool // lines of writers, safe or not
	order    []string        // lines of one and the same writer, in order; nil if order is not promised
	done     bool            // the rewrite returned without an error
	failed   bool            // it returned with one
	maybe    bool            // it may have happened although it failed
	far      bool            // the evidence goes to another device
	keep     bool            // there must be evidence of the original if the log is new
}

func (m *model) clone() *model {
	c := *m
	c.safe, c.written = maps.Clone(m.safe), maps.Clone(m.written)
	return &c
}

// powerLoss forgets what was promised only as long as the power is on.
func (m *model) powerLoss() *model {
	c := m.clone()
	c.written = maps.Clone(m.safe)
	return c
}

// modelKey is what can differ between the models of one scenario.
type modelKey struct {
	done, failed  bool
	safe, written int
}

func (m *model) key() modelKey { return modelKey{m.done, m.failed, len(m.safe), len(m.written)} }

// check compares the log with what was promised. all are the lines that any
// writer ever began to write: such a one may be there or not, torn or not,
// unless it was promised.
func (m *model) check(content string, all []string, afterPowerLoss bool) error {
	var kept []string
	count := map[string]int{}
	base := map[string]bool{}
	for _, l := range slices.Concat(m.old, m.new) {
		base[l] = true
	}
	var writers []string
	for _, l := range strings.SplitAfter(content, "\n") {
		switch {
		case base[l]:
			kept = append(kept, l)
		case slices.Contains(all, l):
			count[l]++
			writers = append(writers, l)
		case strings.Trim(l, "\n") == "":
		case !afterPowerLoss:
			return fmt.Errorf("a line that nobody wrote: %.60q", l)
		case !torn(l, all):
			return fmt.Errorf("a line that nobody wrote, not even in part: %.60q", l)
		}
	}
	isOld, isNew := slices.Equal(kept, m.old), slices.Equal(kept, m.new)
	switch {
	case !isOld && !isNew:
		return fmt.Errorf("neither old nor new: %d lines, want %d or %d", len(kept), len(m.old), len(m.new))
	case m.done && !isNew:
		return fmt.Errorf("the rewrite was done, and is undone")
	case m.failed && !m.maybe && !isOld:
		return fmt.Errorf("the rewrite failed, and has happened")
	}
	for l := range m.written {
		if count[l] != 1 {
			return fmt.Errorf("line %.40q is there %d times in %.2000q", l, count[l], strings.ReplaceAll(content, "\x00", ""))
		}
	}
	for l, n := range count {
		if n > 1 {
			return fmt.Errorf("line %.40q is there %d times", l, n)
		}
	}
	if m.order != nil && !afterPowerLoss {
		var got []string
		for _, l := range writers {
			if slices.Contains(m.order, l) {
				got = append(got, l)
			}
		}
		var want []string
		for _, l := range m.order {
			if count[l] > 0 {
				want = append(want, l)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("lines of one writer changed places")
		}
	}
	return nil
}

// torn reports whether l consists of parts of lines of writers, NULs and
// garbage. Two parts may follow each other.
func torn(l string, all []string) bool {
	within := func(s string) bool {
		return slices.ContainsFunc(all, func(w string) bool { return strings.Contains(w, s) })
	}
	for _, part := range strings.FieldsFunc(l, func(r rune) bool { return r == 0 || r == '#' }) {
		if first := sort.Search(len(part), func(i int) bool { return !within(part[:i+1]) }); !within(part[first:]) {
			return false
		}
	}
	return true
}

// evidence checks what is in quarantine against what became of the log.
func (m *model) evidence(fs *simfs.FS, isNew bool) error {
	dir := evil
	if m.far {
		dir = farAway
	}
	var found []string
	for _, name := range fs.Files() {
		if strings.HasPrefix(name, dir+"/") {
			found = append(found, name)
		}
	}
	switch {
	case !m.keep || !isNew:
		if len(found) > 0 {
			return fmt.Errorf("evidence of a rewrite that did not happen: %v", found)
		}
		return nil
	case len(found) != 1 || !strings.Contains(found[0], "events.ndjson.quarantine."):
		return fmt.Errorf("evidence: %v", found)
	}
	content, _ := fs.Get(found[0])
	if !strings.HasPrefix(content, strings.Join(m.old, "")) {
		return fmt.Errorf("the evidence is not the whole original")
	}
	return nil
}
