package record

import (
	"math"
	"time"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// The limits of a check unless Options say otherwise. That of the nesting is
// the one of Go's encoding/json.
const (
	defaultMaxLineBytes = 16 << 20
	defaultMaxDepth     = 10000
)

// Options are the limits of a check. The zero value means the defaults.
type Options struct {
	// MaxLineBytes is the longest line in bytes, without its newline; 0 means
	// 16 MiB.
	MaxLineBytes int
	// MaxDepth is how deep arrays and objects may nest; 0 means 10,000.
	MaxDepth int
	// Profile says what a record is; nil means Papyra's own. NewChecker panics
	// on one that can't be checked by; ParseProfile returns none such.
	Profile *Profile
	// AllowKinds are names that count as known besides those of the profile.
	AllowKinds []string
	// Members are keys of Papyra's own records, at most MaxMembers, whose values
	// Result.Member gives; NewChecker panics on more. With another profile they
	// are not looked for.
	Members []string
	// Producer gives the verdict of the Python producer's own reader in the
	// place of RFC 8259's: it does not mind NaN, and what it refuses is an
	// error.
	Producer bool
	// Now is the clock by which a timestamp lies in the future; nil means that
	// none does. It is read once, and again for each record that lies over a
	// day ahead of that.
	Now func() time.Time
}

// MaxMembers is how many Options.Members there may be.
const MaxMembers = 3

// Position tells the check what it can't see in the line itself.
type Position uint8

const (
	// First marks the first line of the file, which may have a byte order mark.
	First Position = 1 << iota
	// Unterminated marks a line that ended with the input, not with a newline.
	Unterminated
)

// Result is what the check of one line found: the verdict, and what the tools
// look at in a record. It is a plain value: it holds no pointer into the line.
type Result struct {
	Verdict
	// Kind is which of the known kinds the record has.
	Kind Kind
	// known is which of its profile's known kinds that is, counted from 1 to
	// manyKinds; 0 for none.
	known uint8
	// HasTimestamp says that Timestamp is there and finite.
	HasTimestamp bool
	// Timestamp is in Unix seconds.
	Timestamp float64
	// Start is where the record begins in the line: 3 after a byte order mark.
	Start int
	// kind is where the raw value of the last kind is, and members those of
	// Options.Members.
	kind    place
	members [MaxMembers]place
}

// place is where a value is in the line, a string with its quotes; both ends
// are 0 if there is none.
type place struct{ start, end int32 }

func placed(f *jsonscan.Field) place { return place{int32(f.Start), int32(f.End)} }

func (p place) of(line []byte) []byte {
	if p.end == 0 {
		return nil
	}
	return line[p.start:p.end]
}

// KindLiteral returns the raw JSON value of the record's kind as it stands in
// line, a string with its quotes or an integer, or nil if there is none. line
// is the one that was checked.
func (r Result) KindLiteral(line []byte) []byte { return r.kind.of(line) }

// Member returns the raw JSON value of the i-th of Options.Members as it stands
// in line, of duplicates the last one, or nil if there is none: a string or a
// number as a whole, of an object or array at least the opening bracket. line
// is the one that was checked, and must be a record.
func (r Result) Member(line []byte, i int) []byte { return r.members[i].of(line) }

// KnownKind returns a number that is the same for all records of one of the
// known kinds of the checker's profile, in 1 to 254, or 0 if that is not so: it
// spares those who count kinds to look at their names. Papyra's own are told by
// Kind.
func (r Result) KnownKind() int { return int(r.known % manyKinds) }

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
// kinds stand in the record only: see Result.KindLiteral.
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
	fields   *jsonscan.Fields
	// kindAt and timeAt are where these stand among the fields; -1 for nowhere.
	kindAt, timeAt int
	members        int    // how many fields stand behind them
	rules          *rules // nil for Papyra's own records
	now            func() time.Time
	future         float64 // no timestamp up to this one lies in the future
}

// NewChecker returns a checker with the given limits.
func NewChecker(o Options) *Checker {
	c := &Checker{maxLine: o.MaxLineBytes, maxDepth: o.MaxDepth, producer: o.Producer, fields: recordFields, timeAt: 1}
	if o.Profile != nil && o.Profile != Papyra() {
		rules, err := newRules(o.Profile, o.AllowKinds)
		if err != nil {
			panic(err)
		}
		// Whose reader refuses what is known of the Python producer only.
		c.rules, c.fields, c.producer = rules, rules.fields, false
		c.kindAt, c.timeAt = rules.kind, rules.time
	}
	if c.maxLine <= 0 {
		c.maxLine = defaultMaxLineBytes
	}
	if c.maxDepth <= 0 {
		c.maxDepth = defaultMaxDepth
	}
	if c.now = o.Now; c.now != nil {
		c.future = dayAfter(c.now())
	} else {
		c.future = math.Inf(1)
	}
	if c.rules == nil && len(o.Members) > 0 {
		if len(o.Members) > MaxMembers {
			panic("record: too many members")
		}
		c.members = len(o.Members)
		c.fields = jsonscan.MustCompile(append([]string{"kind", "timestamp"}, o.Members...)...)
	}
	for _, k := range o.AllowKinds {
		c.allow = append(c.allow, []byte(k))
	}
	return c
}

// Profile returns what the checker takes for a record.
func (c *Checker) Profile() *Profile {
	if c.rules == nil {
		return Papyra()
	}
	return c.rules.profile
}

// Explain is Verdict.Explain in the words of the checker's profile.
func (c *Checker) Explain(v Verdict, line []byte) string {
	if c.rules != nil {
		if text := c.rules.explain(v); text != "" {
			return text
		}
	}
	return v.Explain(line)
}

// MaxLineBytes returns the longest line that the checker accepts.
func (c *Checker) MaxLineBytes() int { return c.maxLine }

// Severity says whether a fault of the type is an error to the reader whose
// verdict is given: what the producer can't read is one to itself.
func (c *Checker) Severity(t Type) Severity {
	if c.producer && t == UnreadableByProducer {
		return Error
	}
	return t.Severity()
}

// dayAfter returns the Unix time, in seconds, one day after t.
func dayAfter(t time.Time) float64 { return float64(t.Add(24*time.Hour).UnixMilli()) / 1e3 }
