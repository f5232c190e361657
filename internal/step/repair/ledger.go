package repair

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"

	"encoding/json"

	"github.com/papyra-tools/papyra/pkg/mend"
)

// ledgerSchema is the version of the ledger's format. In version 1 the hashes
// took in every byte of a run of NUL bytes; see runHash.
const ledgerSchema = 2

// maxRaw bounds the raw bytes of one entry, so that a ledger can be read in
// bounded memory: a longer line is spread over several entries.
const maxRaw = 1 << 20

// entry is one line of a ledger: bytes of the log that are no longer there as
// they were. What is at NewOffset of the repaired log, NewLength bytes, stands
// in the place of what was at Offset of the old one, Length bytes.
type entry struct {
	Line   int64       `json:"line"`
	Offset int64       `json:"offset"`
	Length int64       `json:"length"`
	SHA256 string      `json:"sha256,omitempty"` // of Raw
	Type   string      `json:"type"`
	Action mend.Action `json:"action"`
	Reason string      `json:"reason,omitempty"`
	// Raw are the bytes, in base64; it is missing if Zeros says that all are
	// NUL.
	Raw   []byte `json:"raw,omitempty"`
	Zeros bool   `json:"zeros,omitempty"`
	// Continues marks a further piece of the line of the entry before.
	Continues bool  `json:"continues,omitempty"`
	NewOffset int64 `json:"new_offset"`
	NewLength int64 `json:"new_length"`
}

// summary is the last line of a ledger.
type summary struct {
	Schema int    `json:"schema"`
	Type   string `json:"type"` // "summary"
	Tool   string `json:"tool"`
	// Path is the absolute path of the log, or "-" for a pipe.
	Path    string `json:"path"`
	Lines   int64  `json:"lines"`
	Entries int64  `json:"entries"`
	balance
	// The hashes are of the log before and after, as far as it was repaired:
	// BytesIn and BytesOut bytes from its start. SHA256In is a runHash.
	SHA256In  string `json:"sha256_in"`
	SHA256Out string `json:"sha256_out"`
}

const summaryType = "summary"

// balance accounts for all bytes: in = kept + dropped, out = kept + added.
type balance struct {
	BytesIn      int64 `json:"bytes_in"`
	BytesKept    int64 `json:"bytes_kept"`
	BytesDropped int64 `json:"bytes_dropped"`
	BytesAdded   int64 `json:"bytes_added"`
	BytesOut     int64 `json:"bytes_out"`
}

func balanceOf(t *mend.Summary) balance {
	return balance{t.BytesIn, t.BytesKept, t.BytesDropped, t.BytesAdded, t.BytesOut()}
}

func (b *balance) check() error {
	if b.BytesIn != b.BytesKept+b.BytesDropped || b.BytesOut != b.BytesKept+b.BytesAdded {
		return fmt.Errorf("the ledger does not balance: %d bytes in, %d kept, %d dropped, %d added, %d out",
			b.BytesIn, b.BytesKept, b.BytesDropped, b.BytesAdded, b.BytesOut)
	}
	return nil
}

// ledger writes one.
type ledger struct {
	w       *bufio.Writer
	entries int64
	in      *runHash
	out     hash.Hash
}

func newLedger(w io.Writer) *ledger {
	return &ledger{w: bufio.NewWriterSize(w, 64<<10), in: newRunHash(), out: sha256.New()}
}

// record is an observer.
func (l *ledger) record(c mend.Change) error {
	e := entry{Line: c.Line, Offset: c.Offset, Length: c.Length, Type: c.Type.String(), Action: c.Action,
		Reason: c.Reason, Continues: c.Continues, NewOffset: c.NewOffset, NewLength: c.NewLength}
	if c.Raw == nil {
		e.Zeros = true
		return l.write(&e)
	}
	for raw := c.Raw; ; {
		e.Raw = raw[:min(len(raw), maxRaw)]
		e.Length = int64(len(e.Raw))
		e.SHA256 = hashOf(e.Raw)
		if err := l.write(&e); err != nil {
			return err
		}
		if raw = raw[len(e.Raw):]; len(raw) == 0 {
			return nil
		}
		e.Offset += e.Length
		e.NewOffset, e.NewLength = e.NewOffset+e.NewLength, 0
		e.Continues, e.Reason = true, ""
	}
}

func (l *ledger) write(v any) error {
	l.entries++
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.w.Write(append(line, '\n'))
	return err
}

// close writes the summary.
func (l *ledger) close(tool, path string, t *mend.Summary) error {
	s := summary{Schema: ledgerSchema, Type: summaryType, Tool: tool, Path: path, Lines: t.Lines, Entries: l.entries, balance: balanceOf(t),
		SHA256In: l.in.hex(), SHA256Out: hex.EncodeToString(l.out.Sum(nil))}
	if err := s.check(); err != nil {
		return err
	}
	if err := l.write(&s); err != nil {
		return err
	}
	return l.w.Flush()
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// decodeEntry reads an entry and checks its hash. It returns a summary instead
// if the line holds one.
func decodeEntry(line []byte) (*entry, *summary, error) {
	if bytes.Contains(line, []byte(`"type":"summary"`)) {
		var s summary
		if err := json.Unmarshal(line, &s); err == nil && s.Type == summaryType {
			if s.Schema < 1 || s.Schema > ledgerSchema {
				return nil, nil, fmt.Errorf("the ledger has schema %d; this program knows up to %d", s.Schema, ledgerSchema)
			}
			return nil, &s, s.check()
		}
	}
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, nil, fmt.Errorf("read entry: %w", err)
	}
	sound := e.Zeros && len(e.Raw) == 0 || !e.Zeros && int64(len(e.Raw)) == e.Length && hashOf(e.Raw) == e.SHA256
	if !sound || e.Length < 0 || e.NewLength < 0 || e.Length+e.NewLength == 0 || e.Offset < 0 || e.NewOffset < 0 ||
		e.Length > math.MaxInt64-e.Offset || e.NewLength > math.MaxInt64-e.NewOffset {
		return nil, nil, fmt.Errorf("an entry of the ledger is damaged (byte %d of the log)", e.Offset)
	}
	return &e, nil, nil
}
