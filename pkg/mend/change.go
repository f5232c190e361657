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
	Rejoined                 // it and those behind it became one record
)

var actionNames = [...]string{Dropped: "dropped", Salvaged: "salvaged", Terminated: "terminated", Fixed: "fixed", Rejoined: "rejoined"}

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

	segments []segment // what the line comes to
	at       int32     // where in the block Raw stands, as the segments count
}

// Fate is what becomes of a piece of a line.
type Fate string

// The fates.
const (
	Keep Fate = "kept"
	Drop Fate = "dropped"
	Add  Fate = "added"
)

// Piece is a piece of a changed line.
type Piece struct {
	Fate Fate
	// Offset is where in the log the piece stands, or where it was added, and
	// Length how long it is.
	Offset, Length int64
	// Text is the piece, or nil if it is NUL bytes only. It is valid as long as
	// Change.Raw is.
	Text []byte
}

// Pieces yields what Raw comes to, byte for byte, in the order of the log.
func (c *Change) Pieces(yield func(Piece) bool) {
	if c.Raw == nil {
		yield(Piece{Drop, c.Offset, c.Length, nil})
		return
	}
	piece := func(f Fate, from, to int32) Piece {
		return Piece{f, c.Offset + int64(from-c.at), int64(to - from), c.Raw[from-c.at : to-c.at]}
	}
	from, to := c.at, c.at+int32(len(c.Raw))
	done, last := from, from // last is where the segment before ended
	for _, s := range c.segments {
		if text := s.text(); text != "" {
			// Of a line that comes in several Raws, the one that it was added
			// to.
			if (last > from || last == from && !c.Continues) && last <= to &&
				!yield(Piece{Add, c.Offset + int64(last-c.at), int64(len(text)), []byte(text)}) {
				return
			}
			continue
		}
		last = s.end
		start, end := max(s.start, from), min(s.end, to)
		if start >= end {
			continue
		}
		if start > done && !yield(piece(Drop, done, start)) || !yield(piece(Keep, start, end)) {
			return
		}
		done = end
	}
	if done < to {
		yield(piece(Drop, done, to))
	}
}
