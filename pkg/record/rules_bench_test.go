package record

import "testing"

// BenchmarkProfiles is each sample by its own profile, and, as a yardstick, the
// same lines made into Papyra's records by a kind and a timestamp in front.
func BenchmarkProfiles(b *testing.B) {
	for name, lines := range samples(b) {
		for _, by := range []string{name, "papyra"} {
			c := checkerOf(b, by)
			size := int64(0)
			for i, l := range lines {
				if by != name && len(l) > 2 {
					lines[i] = append([]byte(`{"kind":"event","timestamp":1710000000.123,`), l[1:]...)
				}
				size += int64(len(lines[i])) + 1
			}
			b.Run(name+"/by="+by, func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					for _, l := range lines {
						c.Check(l, 0)
					}
				}
			})
		}
	}
}
