package record

import "testing"

func BenchmarkSeconds(b *testing.B) {
	for name, raw := range map[string]string{
		"unix":    `1710000000.123`,
		"unix_ms": `1710000000123`,
		"unix_us": `"1710000000123456"`,
		"unix_ns": `1710000000123456789`,
		"rfc3339": `"2024-03-09T16:00:00.123456789Z"`,
	} {
		f := Unix
		for f.String() != name {
			f++
		}
		text := []byte(raw)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.Seconds(text)
			}
		})
	}
}
