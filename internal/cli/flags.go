package cli

import (
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Judging is what a record is, and how strictly that is judged. Embed it.
type Judging struct {
	Profile      string   `default:"papyra" setting:"profile" file:"read" placeholder:"NAME|FILE" help:"What a record is: a profile by name (see papyra profile list), by its file, or auto." group:"checking"`
	AllowKind    []string `setting:"allow_kind" placeholder:"KIND" help:"Accept this kind too (repeatable, or a list with commas)." group:"checking"`
	MaxLineBytes Size     `default:"16MiB" setting:"max_line_bytes" placeholder:"SIZE" help:"Longest line that is still a record." group:"checking"`
	Reader       string   `enum:"strict,producer" default:"strict" setting:"reader" placeholder:"WHO" help:"Judge as a strict parser or as the producer's own reader, which takes NaN: ${enum}." group:"checking"`

	profile *record.Profile // nil is Papyra's own
}

// Reading is how a log is read, of which the records are looked at each by
// itself. Embed it, or what holds it.
type Reading struct {
	Judging
	Settle Duration `default:"200ms" setting:"settle" placeholder:"DURATION" help:"How long to wait for an unfinished last line to grow." group:"checking"`
}

// Checking is how a log is looked at for what is wrong with it. Embed it.
type Checking struct {
	Reading
	MaxSkew Duration `default:"5s" setting:"max_skew" placeholder:"DURATION" help:"How far a timestamp may lie before its predecessor." group:"checking"`
}

// MaxMaxLineBytes is the largest --max-line-bytes: 1 GiB. Lines of more would
// not fit the places that are kept of a block.
const MaxMaxLineBytes = 1 << 30

// AfterApply refuses a limit that is beyond all lines. kong calls it.
func (c *Judging) AfterApply() error {
	if c.MaxLineBytes > MaxMaxLineBytes {
		return Usagef("--max-line-bytes %s is too large: at most %s", c.MaxLineBytes, Size(MaxMaxLineBytes))
	}
	return c.loadProfile()
}

// Checker is the check of one line that the flags describe, by the given clock.
// It gives the values of members, see record.Options.
func (c *Judging) Checker(now func() time.Time, members ...string) *record.Checker {
	return record.NewChecker(record.Options{Profile: c.profile, MaxLineBytes: int(c.MaxLineBytes), AllowKinds: c.AllowKind, Producer: c.Reader == "producer", Now: now, Members: members})
}

// Rewriting is how a log that others may be writing to is replaced. Embed it.
type Rewriting struct {
	Offline     bool     `xor:"guarantee" help:"Promise that nobody else writes to the log: no lease is taken." group:"rewriting"`
	AllowRace   bool     `xor:"guarantee" help:"Go on where no lease is to be had; appends within a small window may be lost." group:"rewriting"`
	BreakLinks  bool     `help:"Replace a file that has several hard links; the other names keep the old contents." group:"rewriting"`
	StallBudget Duration `default:"2s" setting:"stall_budget" placeholder:"DURATION" help:"Longest time that writers are made to wait, at most 20s." group:"rewriting"`
	Linger      Duration `default:"1s" setting:"linger" placeholder:"DURATION" help:"How long to look for late appends after the swap, at least 1ms; writers don't wait." group:"rewriting"`
	Wait        Duration `default:"0s" setting:"wait" placeholder:"DURATION" help:"Wait this long for another maintenance run to finish (default: not at all, exit 75)." group:"rewriting"`
}

// MaxStallBudget is the longest time that a rewrite may make writers wait. The
// kernel breaks a lease after 45 s by default; this stays well below.
const MaxStallBudget = 20 * time.Second

// MinLinger is the shortest linger. Between a writer's path look-up and its
// open there is a window that no lease sees; without any linger about one
// hammered swap in 13,000 lost a record, with one millisecond none did.
const MinLinger = time.Millisecond

// AfterApply refuses a stall budget that the kernel would not grant, and a
// linger that would not be safe. kong calls it.
func (r *Rewriting) AfterApply() error {
	if time.Duration(r.StallBudget) > MaxStallBudget {
		return Usagef("--stall-budget %s is too long: at most %s", r.StallBudget, Duration(MaxStallBudget))
	}
	if time.Duration(r.Linger) < MinLinger {
		return Usagef("--linger %s is too short: at least %s", r.Linger, Duration(MinLinger))
	}
	return nil
}
