package cli

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/pkg/policy"
)

// Retention is which records stay. Nil means that there is no such limit: it
// was not given, or it was given as "none", which lifts a configured one. Embed
// it.
type Retention struct {
	MaxRecords    Counts   `setting:"max_records" placeholder:"[KIND=]N" help:"Keep the newest N records; KIND=N is for one kind (repeatable, or a list with commas)." group:"retention"`
	MaxAge        Ages     `setting:"max_age" placeholder:"[KIND=]DURATION" help:"Keep records younger than this: 7d, 12h, 90m, or seconds; KIND=DURATION is for one kind (repeatable, or a list with commas)." group:"retention"`
	MaxTotalBytes *Size    `setting:"max_total_bytes" placeholder:"SIZE" help:"Keep the newest records that fit: 100MiB, 1GB, or bytes." group:"retention"`
	DropKind      []string `setting:"drop_kind" placeholder:"KIND" help:"Keep no records of this kind (repeatable, or a list with commas)." group:"retention"`
	Undated       string   `enum:"keep,drop" default:"keep" setting:"undated" placeholder:"WHAT" help:"What --max-age does with records without a usable timestamp: ${enum}." group:"retention"`
	Force         bool     `help:"Go on although the clock or the unit of the timestamps looks wrong." group:"retention"`
}

// ByKind are limits of one sort: of all records, and of single kinds, for which
// they take its place.
type ByKind[T any] struct {
	All   *T
	Kinds map[string]T
}

// Ages and Counts are the limits by age and by count.
type (
	Ages   = ByKind[Duration]
	Counts = ByKind[Count]
)

// UnmarshalText adds limits, each a value or KIND=VALUE, with commas between
// them. The kind * is all of them.
func (a *ByKind[T]) UnmarshalText(text []byte) error {
	all := false
	for _, limit := range splitList(cmp.Or(string(text), " "), ',') {
		kind, value := "*", limit
		if i := strings.LastIndexByte(limit, '='); i >= 0 {
			kind, value = limit[:i], limit[i+1:]
		}
		_, twice := a.Kinds[kind]
		if kind == "*" {
			twice, all = all, true
		}
		var parsed T
		err := any(&parsed).(encoding.TextUnmarshaler).UnmarshalText([]byte(value))
		switch {
		case kind == "":
			err = errors.New("a kind has a name")
		case twice:
			err = errors.New("this kind has such a limit already")
		case kind == "*" && strings.EqualFold(value, "none"):
			a.All, err = nil, nil
			continue
		}
		if err != nil && value != limit {
			err = fmt.Errorf("%s: %w", limit, err)
		}
		if err != nil {
			return err
		}
		if kind == "*" {
			a.All = &parsed
			continue
		}
		if a.Kinds == nil {
			a.Kinds = map[string]T{}
		}
		a.Kinds[kind] = parsed
	}
	return nil
}

// Limited reports whether any limit is in force.
func (r *Retention) Limited() bool {
	time, kind := r.Flags()
	return r.MaxRecords.All != nil || r.MaxTotalBytes != nil || time.Set || kind.Set
}

// Flags are the flags that were given which look at the time and the kind of
// records, for Needs.
func (r *Retention) Flags() (time, kind Flag) {
	aged := len(r.MaxAge.Kinds) > 0
	return Flag{"--max-age", r.MaxAge.All != nil || aged},
		Flag{"a limit by kind", aged || len(r.MaxRecords.Kinds) > 0 || len(r.DropKind) > 0}
}

// Policy is the retention as the engine takes it.
func (r *Retention) Policy() policy.Policy {
	p := policy.Policy{MaxRecords: (*int64)(r.MaxRecords.All), MaxAge: (*time.Duration)(r.MaxAge.All), MaxBytes: (*int64)(r.MaxTotalBytes),
		DropUndated: r.Undated == "drop"}
	if _, kind := r.Flags(); kind.Set {
		p.Kinds = map[string]policy.KindLimit{}
	}
	for kind, age := range r.MaxAge.Kinds {
		p.Kinds[kind] = policy.KindLimit{MaxAge: new(time.Duration(age))}
	}
	for kind, n := range r.MaxRecords.Kinds {
		limit := p.Kinds[kind]
		limit.MaxRecords = new(int64(n))
		p.Kinds[kind] = limit
	}
	for _, kind := range r.DropKind {
		limit := p.Kinds[kind]
		limit.Drop = true
		p.Kinds[kind] = limit
	}
	return p
}

// Limits are what was understood of the retention, for reports; nil is no
// limit.
type Limits struct {
	MaxRecords    *int64             `json:"max_records"`
	MaxAgeSeconds *float64           `json:"max_age_seconds"`
	MaxTotalBytes *int64             `json:"max_total_bytes"`
	Undated       string             `json:"undated"`
	KindSeconds   map[string]float64 `json:"max_age_seconds_by_kind,omitempty"`
	KindRecords   map[string]Count   `json:"max_records_by_kind,omitempty"`
	DropKind      []string           `json:"drop_kind,omitempty"`
}

// Limits returns the limits in force.
func (r *Retention) Limits() Limits {
	l := Limits{MaxRecords: (*int64)(r.MaxRecords.All), MaxTotalBytes: (*int64)(r.MaxTotalBytes), Undated: r.Undated,
		KindRecords: r.MaxRecords.Kinds, DropKind: r.DropKind}
	if r.MaxAge.All != nil {
		l.MaxAgeSeconds = new(r.MaxAge.All.Seconds())
	}
	for kind, age := range r.MaxAge.Kinds {
		if l.KindSeconds == nil {
			l.KindSeconds = map[string]float64{}
		}
		l.KindSeconds[kind] = age.Seconds()
	}
	return l
}

// ByKind are the limits of single kinds, each with before in front of it; ""
// for none.
func (l *Limits) ByKind(before string) string {
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(l.KindSeconds)) {
		fmt.Fprintf(&b, "%smax_age_seconds[%s]=%s", before, kind, strconv.FormatFloat(l.KindSeconds[kind], 'f', -1, 64))
	}
	for _, kind := range slices.Sorted(maps.Keys(l.KindRecords)) {
		fmt.Fprintf(&b, "%smax_records[%s]=%s", before, kind, l.KindRecords[kind])
	}
	if len(l.DropKind) > 0 {
		b.WriteString(before + "drop_kind=" + strings.Join(l.DropKind, ","))
	}
	return b.String()
}

// Understood is what was understood of the limits, and where each came from:
// what decides about what is deleted is never left to be guessed.
//
//	max_age=30d (2592000 seconds) (PAPYRA_MAX_AGE) max_records=5 (--max-records)
func (r *Retention) Understood(e *Env) string {
	var out []string
	add := func(key, of, value string) { out = append(out, key+of+"="+value+" ("+e.Source(key)+")") }
	if r.MaxAge.All != nil {
		add("max_age", "", r.MaxAge.All.Understood())
	}
	for _, kind := range slices.Sorted(maps.Keys(r.MaxAge.Kinds)) {
		add("max_age", "["+kind+"]", r.MaxAge.Kinds[kind].Understood())
	}
	if r.MaxRecords.All != nil {
		add("max_records", "", r.MaxRecords.All.String())
	}
	for _, kind := range slices.Sorted(maps.Keys(r.MaxRecords.Kinds)) {
		add("max_records", "["+kind+"]", r.MaxRecords.Kinds[kind].String())
	}
	if r.MaxTotalBytes != nil {
		add("max_total_bytes", "", r.MaxTotalBytes.Understood())
	}
	if len(r.DropKind) > 0 {
		add("drop_kind", "", strings.Join(r.DropKind, ","))
	}
	if time, _ := r.Flags(); time.Set && r.Undated == "drop" {
		add("undated", "", r.Undated)
	}
	return strings.Join(out, " ")
}
