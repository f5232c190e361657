package mend

import (
	"fmt"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Action is what a repair does with a line that it does not keep as it is.
type Action uint8

// The actions.
const (
	Dropped    Action = iota // nothing of it is left
	Salvaged                 // the whole records on it are left
	Terminated               // a newline was added
	Fixed                    // NaN and Infinity became null
)

var actionNames = [...]string{Dropped: "dropped", Salvaged: "salvaged", Terminated: "terminated", Fixed: "fixed"}

// String returns the spelling of the ledger and the reports.
func (a Action) String() string { return actionNames[a] }

// MarshalText returns the spelling of the ledger and the reports.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the spelling of the ledger and the reports.
func (a *Action) UnmarshalText(text []byte) error {
	for i, name := range actionNames {
		if name == string(text) {
			*a = Action(i)
			return nil
		}
	}
	return fmt.Errorf("unknown action %q", text)
}

// Change is a line that is not kept as it was, or a piece of one.
type Change struct {
	// Line counts from 1.
	Line int64
	// Offset and Length say which bytes of the log are replaced.
	Offset, Length int64
	// Type is what was wrong, and Faults are all that was.
	Type   record.Type
	Faults record.Set
	Action Action
	// At is where in Raw the fault is, or -1.
	At int
	// Reason says in words what was wrong.
	Reason string
	// Raw are the replaced bytes, or nil if all of them are NUL. They are valid
	// during the call only.
	Raw []byte
	// NewOffset and NewLength say where in the result the replacement stands.
	NewOffset, NewLength int64
	// Continues says that this is not the first piece of its line.
	Continues bool
}
