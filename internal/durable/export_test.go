package durable

import "errors"

// LingerPoll is between two looks for late appends.
const LingerPoll = lingerPoll

// WriteFileOn is WriteFile on a simulated file system.
var WriteFileOn = writeFile

// LeftoversOn is Leftovers on a simulated file system.
var LeftoversOn = leftovers

// Waits reports whether a journal that names these two is believed.
func Waits(path, wait, account string) bool {
	_, ok := (&Session{path: path}).waits(base{Wait: []byte(wait), Account: []byte(account)})
	return ok
}

// The records of a journal.
type (
	Base  = base
	Piece = place
	Room  = room
	Entry = entry
)

// Mark is what a base says of an old file that begins so.
func Mark(begins string) uint32 { return mark{tail: []byte(begins)}.sum() }

// PlantJournal writes the journal of a rewrite that was killed.
func PlantJournal(fsys FS, log string, b Base, more ...Entry) error {
	j, err := createJournal(fsys, journalName(log), b)
	if err != nil {
		return err
	}
	for _, e := range more {
		err = errors.Join(err, j.add(e))
	}
	return errors.Join(err, j.close())
}
