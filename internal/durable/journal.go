package durable

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/goccy/go-json"
)

const (
	journalMagic  = "PAPYRAJ1"
	journalSector = 512
	journalHead   = len(journalMagic) + 8
	journalMax    = 64 << 20 // more is not ours
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// base is the first record of a journal.
type base struct {
	Old        uint64    `json:"old"`  // inode that is replaced
	New        uint64    `json:"new"`  // inode that takes its place
	Copied     int64     `json:"from"` // the new file holds what is kept of the old one before this offset
	Length     int64     `json:"len"`  // bytes of the new file then
	Guarantee  Guarantee `json:"guarantee"`
	Quarantine []byte    `json:"quarantine,omitempty"` // path of the evidence, a name of the old inode or a copy
	Copy       bool      `json:"copy,omitempty"`       // the evidence is a copy
}

// place says that the bytes [From, To) of the one file belong at At in the other.
type place struct {
	Back bool  `json:"back,omitempty"` // from the new file to the old one, in a roll-back
	From int64 `json:"src"`
	To   int64 `json:"end"`
	At   int64 `json:"at"`
	// Newline says that a newline belongs just before At, because what stands there is not a whole line.
	Newline bool `json:"nl,omitempty"`
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
	bugs   bugs
}

// createJournal writes and fsyncs the first record.
func createJournal(fsys FS, path string, b base, bugs bugs) (*journal, error) {
	f, err := fsys.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create journal: %w", err)
	}
	j := &journal{f: f, bugs: bugs}
	return j, j.add(b)
}

// add writes one record and fsyncs it.
func (j *journal) add(record any) error {
	rec, err := encodeRecord(record)
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
	if _, late := record.(place); late && j.bugs.keepPlaceUnsynced {
		return nil
	}
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

func encodeRecord(record any) ([]byte, error) {
	payload, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encode journal: %w", err)
	}
	total := (journalHead + len(payload) + journalSector - 1) / journalSector * journalSector
	rec := make([]byte, total)
	copy(rec, journalMagic)
	binary.LittleEndian.PutUint32(rec[8:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(rec[12:], crc32.Checksum(payload, castagnoli))
	copy(rec[journalHead:], payload)
	return rec, nil
}

// readJournal returns the records that are whole, up to the first that is not, and how far they go.
// ok is false if not even the first is.
func readJournal(f File) (b base, places []place, end int64, ok bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return base{}, nil, 0, false, fmt.Errorf("read journal: %w", err)
	}
	data := make([]byte, min(info.Size, journalMax))
	if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return base{}, nil, 0, false, fmt.Errorf("read journal: %w", err)
	}
	payload, n := decodeRecord(data)
	if n == 0 || json.Unmarshal(payload, &b) != nil {
		return base{}, nil, 0, false, nil
	}
	off := n
	for {
		payload, n := decodeRecord(data[off:])
		var p place
		if n == 0 || json.Unmarshal(payload, &p) != nil || p.To < p.From {
			return b, places, int64(off), true, nil
		}
		places = append(places, p)
		off += n
	}
}

// decodeRecord returns the payload at the start of data and the bytes its record takes, or 0.
func decodeRecord(data []byte) (payload []byte, n int) {
	if len(data) < journalSector || !bytes.HasPrefix(data, []byte(journalMagic)) {
		return nil, 0
	}
	size := int64(binary.LittleEndian.Uint32(data[8:]))
	total := (int64(journalHead) + size + journalSector - 1) / journalSector * journalSector
	if total > int64(len(data)) {
		return nil, 0
	}
	payload = data[journalHead : int64(journalHead)+size]
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(data[12:]) {
		return nil, 0
	}
	return payload, int(total)
}
