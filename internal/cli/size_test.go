package cli

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "0B": 0, "1": 1, "1048576": 1 << 20, "100MiB": 100 << 20, "100 MiB": 100 << 20, "1GB": 1e9, "1gb": 1e9, "16mib": 16 << 20,
		"2KB": 2000, "2kB": 2000, "2kb": 2000, "2KiB": 2048, "2Ki": 2048, "1.5GiB": 3 << 29, "0.5KiB": 512, "1.1GB": 1_100_000_000,
		"7EiB": 7 << 60, "9223372036854775807": math.MaxInt64, " 5B ": 5, "0.001kB": 1,
	} {
		got, err := ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, why := range map[string]string{
		"": "empty", "-1": "negative", "-5MiB": "negative", "10K": "two ways", "10m": "two ways", "1G": "write GB", "10Mb": "bits",
		"1.5": "requires a unit", "0.3B": "whole number", "1.0001KB": "whole number", "1,000": "separators", "1_000": "separators", "1e6": "unknown unit",
		"1e6B": "unknown unit", "NaN": "digit", "inf": "digit", "+1": "digit", "0x10": "unknown unit", ".5GB": "number", "5.GB": "number", "1.2.3GB": "number",
		"8EiB": "too large", "9223372036854775808": "too large", "99999999999999999999999999999999999999999999": "digits", "10 parsecs": "unknown unit",
		"10  MB": "unknown unit", "١": "digit",
	} {
		_, err := ParseSize(text)
		require.ErrorContains(t, err, why, text)
	}
}

func TestSizeString(t *testing.T) {
	for size, want := range map[Size]string{
		0: "0", 1: "1", 1023: "1023", 1024: "1KiB", 1000: "1kB", 100 << 20: "100MiB", 1e9: "1GB", 1234567: "1234567", 3 << 29: "1536MiB",
	} {
		require.Equal(t, want, size.String())
	}
	require.Equal(t, "100MiB (104857600 bytes)", Size(100<<20).Understood())
	require.Equal(t, "17 bytes", Size(17).Understood())
}

func TestSizeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := Size(rapid.Int64Range(0, math.MaxInt64).Draw(t, "size") >> rapid.IntRange(0, 62).Draw(t, "shift") << rapid.IntRange(0, 20).Draw(t, "up"))
		if size < 0 {
			return
		}
		got, err := ParseSize(size.String())
		require.NoError(t, err)
		require.Equal(t, size, got)
	})
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"100MiB", "1.5GB", "10K", "-1", "1e6", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		size, err := ParseSize(s)
		if err != nil {
			return
		}
		if size < 0 {
			t.Fatalf("%q is negative: %d", s, size)
		}
		if again, err := ParseSize(size.String()); err != nil || again != size {
			t.Fatalf("%q: %d is printed as %s, which reads as %d, %v", s, size, size, again, err)
		}
	})
}

// TestScaled is the arithmetic of sizes and durations beside that of math/big.
func TestScaled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{1,20}(\.[0-9]{1,19})?`).Draw(t, "number")
		scale := rapid.OneOf(rapid.SampledFrom([]int64{1, 1e3, 1e9, 1e18, 1 << 10, 1 << 40, 1 << 60}), rapid.Int64Range(1, 1<<60)).Draw(t, "scale")
		r, _ := new(big.Rat).SetString(number)
		r.Mul(r, new(big.Rat).SetInt64(scale))
		whole := new(big.Int).Quo(r.Num(), r.Denom())
		n, exact, ok := scaled(number, scale)
		require.Equal(t, whole.IsInt64(), ok)
		require.Equal(t, r.IsInt(), exact)
		if ok {
			require.Equal(t, whole.Int64(), n)
		}
	})
}
