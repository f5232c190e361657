package record

import (
	"fmt"
	"math/bits"
)

// Type names one thing that can be wrong with a line of a log, or with the
// file that holds it. The zero value, None, means that nothing is wrong.
//
// Where one line has several faults, the one that decides is the first in the
// order of the constants below (see [Set.First]).
type Type uint8

// The order is the order of precedence: what concerns a last line comes first,
// then damage, then the faults of a record that is kept, then warnings, then
// what concerns the file as a whole. The table says more of each: see
// [Type.Info].
const (
	// None is the verdict on a healthy line.
	None Type = iota

	// TruncatedLine is a last line without newline that is no complete record,
	// whatever else is wrong with it.
	TruncatedLine
	// MissingNewline is a complete record at the end that lacks its newline.
	MissingNewline
	// CorruptedLine is a line that is not one JSON value, or no JSON object.
	CorruptedLine
	// InvalidUTF8 is a line of JSON text with bytes that are not UTF-8.
	InvalidUTF8
	// NULBytes is a run of NUL bytes: a zero-filled block or a hole.
	NULBytes
	// GluedRecords is a line from which whole records can be salvaged: a torn
	// fragment and a record, or several records.
	GluedRecords
	// SplitRecord is a record that raw newlines inside a string cut into
	// several lines, none of which is JSON.
	SplitRecord
	// ConflictMarker is a line that git wrote between the sides of a merge.
	ConflictMarker
	// NonstandardNumber is a line with NaN, Infinity or -Infinity.
	NonstandardNumber
	// OversizedLine is a line longer than Options.MaxLineBytes.
	OversizedLine
	// TooDeep is a line nested deeper than Options.MaxDepth.
	TooDeep
	// MissingKind is a record without a kind, or with one that is no string.
	MissingKind
	// UnknownKind is a record with a kind that is none of the known ones.
	UnknownKind
	// MissingTimestamp is a record without a finite number as timestamp.
	MissingTimestamp
	// MissingField is a record without another member that its profile
	// requires.
	MissingField

	// TimestampRegression is a record older than its predecessor by more than
	// the allowed skew.
	TimestampRegression
	// FutureTimestamp is a record over a day ahead of the clock.
	FutureTimestamp
	// DuplicateKey is a record with two top-level kinds or timestamps.
	DuplicateKey
	// LoneSurrogate is a record with a \uD800–\uDFFF escape that is no pair.
	LoneSurrogate
	// UnreadableByProducer is a record that JSON allows and Python refuses.
	UnreadableByProducer
	// BlankLine is a line of nothing but white space.
	BlankLine
	// ByteOrderMark is a UTF-8 byte order mark at the start of the file.
	ByteOrderMark
	// CarriageReturn is a line that ends in CR LF.
	CarriageReturn
	// DuplicateID is a record with the id of an earlier one.
	DuplicateID
	// BrokenLink is a record that refers to an id which is not in the log.
	BrokenLink

	// InterruptedRewrite is what a killed rewrite left beside the log.
	InterruptedRewrite
	// RotationGap is a missing number in a rotated set.
	RotationGap
	// OrphanedRotatedFile is a rotated file outside the expected set.
	OrphanedRotatedFile
	// ChangedDuringScan is a file that shrank or was replaced while read.
	ChangedDuringScan

	numTypes
)

// String returns the spelling that reports carry, such as "truncated_line".
func (t Type) String() string {
	if t < numTypes {
		return table[t].Name
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// MarshalText returns the spelling that reports carry.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the spelling that reports carry. It fails on a name that
// is none of the constants'.
func (t *Type) UnmarshalText(text []byte) error {
	for i := range table {
		if table[i].Name == string(text) {
			*t = Type(i)
			return nil
		}
	}
	return fmt.Errorf("unknown anomaly type %q", text)
}

// Types returns every type but None, in the order of the constants.
func Types() []Type {
	all := make([]Type, 0, numTypes-1)
	for t := None + 1; t < numTypes; t++ {
		all = append(all, t)
	}
	return all
}

// Severity tells errors, which make a log unhealthy, from warnings.
type Severity uint8

const (
	// Warning is something that no reader stumbles over.
	Warning Severity = iota
	// Error is damage.
	Error
)

// String returns "warning" or "error".
func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// MarshalText returns "warning" or "error".
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "warning" or "error" and fails on anything else.
func (s *Severity) UnmarshalText(text []byte) error {
	switch string(text) {
	case "warning":
		*s = Warning
	case "error":
		*s = Error
	default:
		return fmt.Errorf("unknown severity %q", text)
	}
	return nil
}

// Severity says whether the type is an error or a warning.
func (t Type) Severity() Severity { return t.Info().Severity }

// Set is a set of types. The zero value is empty.
type Set uint32

// Has reports whether t is in the set.
func (s Set) Has(t Type) bool { return s&(1<<t) != 0 }

// With returns the set with t in it.
func (s Set) With(t Type) Set { return s | 1<<t }

// First returns the type that decides, or None if the set is empty.
func (s Set) First() Type {
	if s == 0 {
		return None
	}
	return Type(bits.TrailingZeros32(uint32(s)))
}

// Types returns the members in the order in which they decide.
func (s Set) Types() []Type {
	var all []Type
	for ; s != 0; s &= s - 1 {
		all = append(all, s.First())
	}
	return all
}

// Anomaly is one finding, as reports carry it.
type Anomaly struct {
	Type     Type     `json:"type"`
	Severity Severity `json:"severity"`
	// Path is the file, as the user named it; "-" is standard input.
	Path string `json:"path"`
	// Line counts from 1; 0 means that the finding concerns no single line.
	Line int64 `json:"line,omitempty"`
	// Offset is where the line starts, in bytes from the start of the file (of
	// the uncompressed text for a compressed one).
	Offset int64 `json:"offset"`
	// Length is how many bytes the line has, without its newline.
	Length int64 `json:"length"`
	// ErrorOffset is where the fault itself is, in bytes from the start of
	// the file; -1 if the type has no such place.
	ErrorOffset int64 `json:"error_offset"`
	// Reason says in words what is wrong. It may hold text from the log.
	Reason string `json:"reason,omitempty"`
	// Digest tells the line from others by its bytes, wherever it stands: 16
	// hexadecimal digits of its first and last 4 KiB and its length. It is
	// empty if the finding concerns no line, or the line was not held.
	Digest string `json:"digest,omitempty"`
	// Also holds the other faults of the same line.
	Also []Type `json:"also,omitempty"`
}
