package cli

import (
	"fmt"
	"testing"
)

// FuzzRange: what is taken is a part of a log, and is read back as the same.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"0:1", "1MiB:", "5:4", "-1:2", ":", "1:9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var r, again Range
		if r.UnmarshalText([]byte(s)) != nil {
			return
		}
		if r.From < 0 || r.To != 0 && r.To <= r.From {
			t.Fatalf("%q is no part of a log: %+v", s, r)
		}
		text := fmt.Sprintf("%d:%d", r.From, r.To)
		if r.To == 0 {
			text = fmt.Sprintf("%d:", r.From)
		}
		if err := again.UnmarshalText([]byte(text)); err != nil || again != r {
			t.Fatalf("%q is %s, which reads as %+v, %v", s, text, again, err)
		}
	})
}
