package gen

import (
	"math/bits"
	"math/rand/v2"
)

// random draws numbers. PCG's stream is fixed for all time; what math/rand/v2
// builds on it is not, hence the few methods here.
type random struct{ pcg *rand.PCG }

func newRandom(seed uint64) random {
	return random{rand.NewPCG(seed, 0x9e3779b97f4a7c15)}
}

// intn returns a number from 0 to n-1; the bias, n in 2⁶⁴, does not matter
// here.
func (r *random) intn(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between returns a number from lo to hi, both included.
func (r *random) between(lo, hi int) int { return lo + r.intn(hi-lo+1) }

// float returns a number from 0 up to, not including, 1.
func (r *random) float() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

func pick[T any](r *random, from []T) T { return from[r.intn(len(from))] }

func shuffle[T any](r *random, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := r.intn(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}
