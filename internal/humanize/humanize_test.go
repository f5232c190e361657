package humanize

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestComma(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", -7: "-7", 999: "999", -999: "-999", 1000: "1,000", -1000: "-1,000", 999999: "999,999", 1234567: "1,234,567",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808"} {
		require.Equal(t, want, Comma(n))
	}
}

func TestIBytes(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 9: "9 B", 1023: "1023 B", 1024: "1.0 KiB", 1280: "1.3 KiB", 10188: "9.9 KiB", 10189: "10 KiB", 1<<20 - 1: "1024 KiB",
		1 << 20: "1.0 MiB", 85 << 20: "85 MiB", 5 << 40: "5.0 TiB", math.MaxUint64: "16 EiB"} {
		require.Equal(t, want, IBytes(n), n)
	}
}
