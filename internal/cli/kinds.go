package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/pkg/policy"
)

// KindRetention is Retention with limits for single kinds: --max-age
// progress=1d beside --max-age 30d. Embed it.
type KindRetention struct {
	Retention
	DropKind []string `placeholder:"KIND" help:"Keep no records of this kind (repeatable, or a list with commas); --max-age KIND=DURATION is an age for one kind." group:"retention"`
	// MaxAgeOf is --max-age with a kind; see withKinds.
	MaxAgeOf []string `hidden:"" sep:"none" placeholder:"KIND=DURATION" help:"What --max-age KIND=DURATION means." group:"retention"`

	kinds map[string]policy.KindLimit
}

// AfterApply reads the limits by kind. kong calls it.
func (r *KindRetention) AfterApply() error {
	r.kinds = nil
	put := func(kind string, set func(*policy.KindLimit)) {
		if r.kinds == nil {
			r.kinds = map[string]policy.KindLimit{}
		}
		limit := r.kinds[kind]
		set(&limit)
		r.kinds[kind] = limit
	}
	for _, text := range r.MaxAgeOf {
		kind, value, _ := strings.Cut(text, "=")
		age, err := ParseDuration(value)
		if err != nil {
			return Usagef("--max-age %s: %w", text, err)
		}
		if kind == "" {
			return Usagef("--max-age %s: a kind has a name", text)
		}
		if r.kinds[kind].MaxAge != nil {
			return Usagef("--max-age %s: this kind has an age already", text)
		}
		put(kind, func(l *policy.KindLimit) { l.MaxAge = new(time.Duration(age)) })
	}
	for _, kind := range r.DropKind {
		put(kind, func(l *policy.KindLimit) { l.Drop = true })
	}
	return nil
}

// Policy is the retention as the engine takes it.
func (r *KindRetention) Policy() policy.Policy {
	p := r.Retention.Policy()
	p.Kinds = r.kinds
	return p
}

// Limited reports whether any limit is in force.
func (r *KindRetention) Limited() bool { return r.Retention.Limited() || len(r.kinds) > 0 }

// Flags are the flags that were given which look at the time and the kind of
// records, for Needs.
func (r *KindRetention) Flags() (time, kind Flag) {
	return Flag{"--max-age", r.Policy().Aged()}, Flag{"a limit by kind", len(r.kinds) > 0}
}

// Understood is that of Retention, and what was understood of the limits by
// kind.
func (r *KindRetention) Understood(e *Env) string {
	var out []string
	for kind, l := range r.kinds {
		if l.Drop {
			out = append(out, "drop_kind="+kind)
		} else {
			out = append(out, fmt.Sprintf("max_age[%s]=%s", kind, Duration(*l.MaxAge)))
		}
	}
	slices.Sort(out)
	if general := r.Retention.Understood(e); general != "" {
		out = slices.Insert(out, 0, general)
	}
	return strings.Join(out, " ")
}

// withKinds makes --max-age-of of a --max-age whose value names a kind, where
// there is such a flag.
func withKinds(node *kong.Node, args []string) []string {
	if !slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == "max-age-of" }) {
		return args
	}
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		value, joined := strings.CutPrefix(args[i], "--max-age=")
		switch {
		case args[i] == "--":
			return append(out, args[i:]...)
		case args[i] == "--max-age" && i+1 < len(args) && strings.Contains(args[i+1], "="):
			i++
			out = append(out, "--max-age-of="+args[i])
		case joined && strings.Contains(value, "="):
			out = append(out, "--max-age-of="+value)
		default:
			out = append(out, args[i])
		}
	}
	return out
}
