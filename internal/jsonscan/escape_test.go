package jsonscan

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A code unit is what strconv reads of its four digits, and 0 of anything else.
func TestHexUnit(t *testing.T) {
	for i := range 4 {
		for c := range 256 {
			b := []byte("19aF")
			b[i] = byte(c)
			want, err := strconv.ParseUint(string(b), 16, 16)
			got, ok := hexUnit(b)
			require.Equal(t, err == nil, ok, "%q", b)
			require.EqualValues(t, want, got, "%q", b)
		}
	}
}
