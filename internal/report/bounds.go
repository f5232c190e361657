package report

import (
	"fmt"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Bounds on what a merge holds on to of a report, which anybody may have
// written. No report of a scan reaches them.
const (
	maxSettings = 64
	// maxText is the longest text that is held, in bytes: more than the longest
	// path, each byte of which may be shown as three.
	maxText = 16 << 10
	// maxKindName is the longest kind with a count of its own, in bytes.
	maxKindName = 3 * kinds.MaxNameBytes
	// maxTypes and maxTypeName bound the types of anomalies of one log.
	maxTypes    = 256
	maxTypeName = 64
)

// various is the value of what was not the same everywhere.
const various = "(various)"

// set takes over the settings of a report.
func (h *heads) set(settings map[string]string) error {
	for k, v := range settings {
		if len(k)+len(v) > maxText {
			return fmt.Errorf("a setting is longer than %d bytes", maxText)
		}
		switch old, ok := h.settings[k]; {
		case !ok && len(h.settings) >= maxSettings:
			return fmt.Errorf("there are more than %d settings", maxSettings)
		case ok && old != v:
			v = various
		}
		h.settings[k] = v
	}
	return nil
}

// boundKinds leaves f no more kinds, and no longer ones, than a survey tells
// apart. The records of the others count as [kinds.More].
func boundKinds(f *survey.Result) {
	for k, n := range f.Kinds {
		if len(k) > maxKindName {
			delete(f.Kinds, k)
			f.Kinds[kinds.More] = add(f.Kinds[kinds.More], n)
		}
	}
	if len(f.Kinds) > maxKinds+1 { // of which one is kinds.More
		f.Kinds = sum(nil, f.Kinds, maxKinds)
	}
}

// boundTypes fails if f has more types of anomalies, or longer ones, than any
// version of a scan would have.
func boundTypes(f *survey.Result) error {
	if len(f.Counts) > maxTypes {
		return fmt.Errorf("there are %d types of anomalies, more than %d", len(f.Counts), maxTypes)
	}
	for name := range f.Counts {
		if len(name) > maxTypeName {
			return fmt.Errorf("the name of an anomaly is longer than %d bytes", maxTypeName)
		}
	}
	return nil
}
