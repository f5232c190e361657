package durable

import "path/filepath"

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

// PlantJournal writes the journal of a rewrite that was killed: the new file had length bytes, for what the old one
// began with.
func PlantJournal(fsys FS, log string, old, new uint64, begins string, length int64, ready bool) error {
	j, err := createJournal(fsys, journalName(log), base{Old: old, New: new, Copied: int64(len(begins)), Length: length, Ready: ready,
		Guarantee: Exclusive, Mark: mark{tail: []byte(begins)}.sum(), Life: fsys.Life(filepath.Dir(log))})
	if err != nil {
		return err
	}
	return j.close()
}
