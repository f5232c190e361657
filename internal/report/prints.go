package report

import "encoding/hex"

// prints give the anomalies of a log fingerprints by which the next run knows
// them again, however many lines were put before them: those of type and line,
// and of how many times both came before.
type prints struct{ seen map[digest]int }

// reset forgets the log before.
func (p *prints) reset() { p.seen = map[digest]int{} }

// next is the fingerprint of an anomaly, which differs from all before.
func (p *prints) next(a *anomaly) string {
	parts := []any{a.Type.String(), a.Digest}
	if a.Digest == "" {
		parts = append(parts, a.Length) // all that is known of a line that was not held
	}
	d := digestOf(parts...)
	p.seen[d]++
	if n := p.seen[d]; n > 1 {
		d = digestOf(append(parts, n)...)
	}
	return hexOf(d)
}

func hexOf(d digest) string { return hex.EncodeToString(d[:]) }
