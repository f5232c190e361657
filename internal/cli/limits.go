package cli

import (
	"time"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// Policy is the retention as the engine takes it.
func (r *Retention) Policy() policy.Policy {
	p := policy.Policy{DropUndated: r.Undated == "drop"}
	if r.MaxRecords != nil {
		p.MaxRecords = new(int64(*r.MaxRecords))
	}
	if r.MaxAge != nil {
		p.MaxAge = new(time.Duration(*r.MaxAge))
	}
	if r.MaxTotalBytes != nil {
		p.MaxBytes = new(int64(*r.MaxTotalBytes))
	}
	return p
}

// Checker is the check of one line that the flags describe, by the given clock.
func (c *Checking) Checker(now func() time.Time) *record.Checker {
	reader := record.Strict
	if c.Reader == "producer" {
		reader = record.Producer
	}
	return record.NewChecker(record.Options{Profile: c.profile, MaxLineBytes: int(c.MaxLineBytes), AllowKinds: c.AllowKind, Reader: reader, Now: now})
}
