package durable

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"encoding/json"
)

const (
	journalMagic  = "PAPYRAJ2"
	journalFamily = "PAPYRAJ" // of every version
	journalSector = 512
	journalHead   = len(journalMagic) + 8
	maxPayload    = 64 << 10 // bytes of one record: two paths and a few numbers
	maxRecords    = 1 << 16  // of one journal: a swap has a handful
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is one record of a journal; one of its members is set.
type entry struct {
	Base  *base  `json:"base,omitempty"`
	Room  *room  `json:"room,omitempty"`
	Place *place `json:"place,omitempty"`
}

// base says what the swap is about. A later one supersedes an earlier one.
type base struct {
	Old        uint64    `json:"old"`            // inode that is replaced
	New        uint64    `json:"new"`            // inode that takes its place
	Copied     int64     `json:"from"`           // the new file holds what is kept of the old one before this offset
	Length     int64     `json:"len"`            // bytes of the new file then
	Open       bool      `json:"open,omitempty"` // it ends within a line, and the old one does not at Copied
	Ready      bool      `json:"ready"`          // the names may have been exchanged
	Guarantee  Guarantee `json:"guarantee"`
	Quarantine []byte    `json:"quarantine,omitempty"` // path of the evidence, a name of the old inode or a copy
	Copy       bool      `json:"copy,omitempty"`       // the evidence is a copy
	Account    []byte    `json:"account,omitempty"`    // path of the account of the rewrite
	AccountIno uint64    `json:"account_ino,omitempty"`
	Wait       []byte    `json:"wait,omitempty"` // where it waits for that name, if it is an archive
	Mark       uint32    `json:"mark,omitempty"` // CRC-32C of the last bytes of the old file before Copied
	Life       string    `json:"life,omitempty"` // of the page cache: see FS.Life
}

// room says that Bytes NUL bytes are about to be appended, not before After.
type room struct {
	Back  bool   `json:"back,omitempty"`
	Bytes int64  `json:"bytes"`
	After int64  `json:"after"`
	Into  uint64 `json:"into,omitempty"` // as in a place
}

// in returns the room, if it is in the file that has that inode number.
func (r *room) in(ino uint64) *room {
	if r == nil || r.Into != ino {
		return nil
	}
	return r
}

// place says that the bytes [From, To) of the one file belong at At in the
// other.
type place struct {
	Back bool  `json:"back,omitempty"` // from the new file to the one that has the log's name, in a roll-back
	From int64 `json:"src"`
	To   int64 `json:"end"`
	At   int64 `json:"at"`
	// Newline says that a newline belongs just before At, because what stands
	// there is not a whole line.
	Newline bool   `json:"nl,omitempty"`
	Into    uint64 `json:"into,omitempty"` // inode that has At; 0 in the other direction
	Over    int64  `json:"over,omitempty"` // bytes of the room behind it, which become blank lines
}

func (p place) start() int64 {
	if p.Newline {
		return p.At - 1
	}
	return p.At
}

func (p place) end() int64 { return p.At + p.To - p.From }

// journal is the open journal of one swap.
type journal struct {
	f      File
	off    int64
	failed error // an fsync failed: nothing that is written later is sure
}

// createJournal writes and fsyncs the first record.
func createJournal(fsys FS, path string, b base) (*journal, error) {
	f, err := fsys.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create journal: %w", err)
	}
	j := &journal{f: f}
	return j, j.add(entry{Base: &b})
}

// add writes one record and fsyncs it.
func (j *journal) add(e entry) error {
	if err := j.note(e); err != nil {
		return err
	}
	return j.sync()
}

// note writes one record without fsync. A kill leaves it in the page cache,
// where the next run reads it; a power loss may take it.
func (j *journal) note(e entry) error {
	rec, err := encodeRecord(e)
	if err != nil {
		return err
	}
	if j.failed != nil {
		return fmt.Errorf("write journal: an earlier fsync failed: %w", j.failed)
	}
	if _, err := j.f.WriteAt(rec, j.off); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.off += int64(len(rec))
	return nil
}

func (j *journal) sync() error {
	if err := j.f.Sync(); err != nil {
		j.failed = err
		return fmt.Errorf("fsync journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j.f == nil {
		return nil
	}
	err := j.f.Close()
	j.f = nil
	return err
}

func encodeRecord(e entry) ([]byte, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode journal: %w", err)
	}
	if len(payload) > maxPayload {
		return nil, errors.New("encode journal: a path is too long")
	}
	rec := make([]byte, recordBytes(int64(len(payload))))
	copy(rec, journalMagic)
	binary.LittleEndian.PutUint32(rec[8:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(rec[12:], crc32.Checksum(payload, castagnoli))
	copy(rec[journalHead:], payload)
	return rec, nil
}

// recordBytes is what a record with that payload takes, padded to whole
// sectors.
func recordBytes(payload int64) int64 {
	return (int64(journalHead) + payload + journalSector - 1) / journalSector * journalSector
}

// story is what a journal tells.
type story struct {
	base   base
	places []place // in both directions
	room   *room   // announced last, with no place in that direction recorded since
	back   *room   // the same of a roll-back
	end    int64   // where its last whole record ends
	valid  bool    // it begins with a whole base
}

// readJournal reads the records that are whole, up to the first that is not. A
// journal of another version is an error: guessing would lose records.
func readJournal(f io.ReaderAt) (*story, error) {
	a := &story{}
	for n := 0; ; n++ {
		e, size, err := readRecord(f, a.end)
		if err != nil {
			return nil, fmt.Errorf("read journal: %w", err)
		}
		if e == nil || n == 0 && e.Base == nil {
			return a, nil
		}
		if n == maxRecords {
			return nil, errors.New("read journal: it has more records than any rewrite writes")
		}
		switch {
		case e.Base != nil:
			a.base, a.valid = *e.Base, true
		case e.Room != nil:
			a.announced(e.Room.Back, e.Room)
		case e.Place != nil && e.Place.From >= 0 && e.Place.To >= e.Place.From && e.Place.start() >= 0:
			a.places = append(a.places, *e.Place)
			a.announced(e.Place.Back, nil)
		default:
			return a, nil
		}
		a.end += size
	}
}

func (a *story) announced(back bool, r *room) {
	if back {
		a.back = r
	} else {
		a.room = r
	}
}

// readRecord returns nil if there is no whole record at off.
func readRecord(f io.ReaderAt, off int64) (*entry, int64, error) {
	head := make([]byte, journalHead)
	if n, err := f.ReadAt(head, off); n < len(head) {
		return nil, 0, ignoreEOF(err)
	}
	if !bytes.HasPrefix(head, []byte(journalMagic)) {
		if off == 0 && bytes.HasPrefix(head, []byte(journalFamily)) {
			return nil, 0, errors.New("another version of papyra wrote it: finish with that one")
		}
		return nil, 0, nil
	}
	size := int64(binary.LittleEndian.Uint32(head[8:]))
	if size > maxPayload {
		return nil, 0, nil
	}
	rec := make([]byte, recordBytes(size))
	if n, err := f.ReadAt(rec, off); n < len(rec) {
		return nil, 0, ignoreEOF(err)
	}
	payload := rec[journalHead : int64(journalHead)+size]
	var e entry
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(rec[12:]) || json.Unmarshal(payload, &e) != nil {
		return nil, 0, nil
	}
	return &e, int64(len(rec)), nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
