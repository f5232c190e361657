package record

// DefaultMaxLineBytes is the longest line, without its newline, that is
// checked unless Options say otherwise: 16 MiB.
const DefaultMaxLineBytes = 16 << 20

// DefaultMaxDepth is how deep arrays and objects may nest. It is the limit of
// Go's encoding/json.
const DefaultMaxDepth = 10000

// Reader says through whose eyes a line is judged.
type Reader uint8

const (
	// Strict follows RFC 8259.
	Strict Reader = iota
	// Producer follows what the Python producer's own reader loads.
	Producer
)

// Options are the limits of a check. The zero value means the defaults.
type Options struct {
	// MaxLineBytes is the longest line in bytes, without its newline; 0 means
	// DefaultMaxLineBytes.
	MaxLineBytes int
	// MaxDepth is how deep a line may nest; 0 means DefaultMaxDepth.
	MaxDepth int
	// AllowKinds are names that count as known besides the four of the format.
	AllowKinds []string
	// Reader is whose verdict is given.
	Reader Reader
}

// Position tells the check what it can't see in the line itself.
type Position uint8

const (
	// First marks the first line of the file, which may have a byte order mark.
	First Position = 1 << iota
	// Unterminated marks a line that ended with the input, not with a newline.
	Unterminated
	// AfterNUL marks text that follows a run of NUL bytes within one line.
	AfterNUL
	// BeforeNUL marks text that is followed by a run of NUL bytes.
	BeforeNUL
)

// Result is the verdict on one line. It is a plain value: it holds no pointer
// into the line.
type Result struct {
	// Fault is the type that decides; None for a healthy line.
	Fault Type
	// Faults are all the types found on the line.
	Faults Set
	// Reason says why; see Reason.Text.
	Reason Reason
	// At is the index in the line of the byte at which the deciding fault was
	// found, or -1 if it has no such place. For text that ends too early it is
	// the length of the line.
	At int
	// Start is where the record begins in the line: 3 after a byte order mark.
	Start int
	Header
}

// damage are the faults with which a line is no record at all.
var damage = Where(func(i *Info) bool { return i.Damage })

// IsRecord reports whether the line is one whole JSON object that a repair
// keeps, be its kind or timestamp as they may. Blank and damaged lines are
// none.
func (r Result) IsRecord() bool { return r.Faults&damage == 0 }

// Header is what the tools look at in a record.
type Header struct {
	// Kind is which of the known kinds the record has.
	Kind Kind
	// HasTimestamp says that Timestamp is there and finite.
	HasTimestamp bool
	// Timestamp is in Unix seconds.
	Timestamp float64
	// kindStart and kindEnd bound the raw value of the last kind, quotes
	// included; both are 0 if there is none.
	kindStart, kindEnd int
}

// KindLiteral returns the raw JSON value of the record's kind as it stands in
// line, quotes included, or nil if there is none.
func (h Header) KindLiteral(line []byte) []byte {
	if h.kindEnd == 0 {
		return nil
	}
	return line[h.kindStart:h.kindEnd]
}

// Kind is one of the kinds of record.
type Kind uint8

const (
	// NoKind means that the record has no kind, or one that is no string.
	NoKind Kind = iota
	// Event is an actor's life-cycle event.
	Event
	// Audit is a report on the whole system.
	Audit
	// DeadLetter is a message that could not be delivered.
	DeadLetter
	// Metric is a measured value.
	Metric
	// AllowedKind is a name from Options.AllowKinds.
	AllowedKind
	// OtherKind is any other string.
	OtherKind
	// NumKinds is how many values Kind has, to size arrays by.
	NumKinds
)

var kindNames = [NumKinds]string{"", "event", "audit", "dead_letter", "metric", "allowed", "other"}

// String returns the kind as records spell it. The names of allowed and other
// kinds stand in the record only: see Header.KindLiteral.
func (k Kind) String() string {
	if k < NumKinds {
		return kindNames[k]
	}
	return "invalid"
}

// Known reports whether the kind is one of the format's or an allowed one.
func (k Kind) Known() bool { return k >= Event && k <= AllowedKind }

// Checker gives the verdict on lines. It is immutable and may be used by any
// number of goroutines at once.
type Checker struct {
	maxLine  int
	maxDepth int
	producer bool
	allow    [][]byte
}

// NewChecker returns a checker with the given limits.
func NewChecker(o Options) *Checker {
	c := &Checker{maxLine: o.MaxLineBytes, maxDepth: o.MaxDepth, producer: o.Reader == Producer}
	if c.maxLine <= 0 {
		c.maxLine = DefaultMaxLineBytes
	}
	if c.maxDepth <= 0 {
		c.maxDepth = DefaultMaxDepth
	}
	for _, k := range o.AllowKinds {
		c.allow = append(c.allow, []byte(k))
	}
	return c
}

// MaxLineBytes returns the longest line that the checker accepts.
func (c *Checker) MaxLineBytes() int { return c.maxLine }
