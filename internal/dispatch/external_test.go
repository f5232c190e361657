package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartIndex(t *testing.T) {
	for mark, want := range map[string]int{
		"": 0, "x": 0, "1:2": 0, fmt.Sprint(handedOnBy()): 0, fmt.Sprintf("%d:x", handedOnBy()): 0, fmt.Sprintf("%d:-1", handedOnBy()): 0,
		fmt.Sprintf("%d:0", handedOnBy()): 1, fmt.Sprintf("%d:3", handedOnBy()): 4,
	} {
		require.Equal(t, want, startIndex(mark), mark)
	}
}

func TestStepName(t *testing.T) {
	for _, name := range []string{"scan", "my-step", "x2", "A_b"} {
		require.True(t, isStepName(name), name)
	}
	for _, name := range []string{"", "-x", "a/b", "../x", `a\b`, "a b", "a.b", "a\n", "ü", ".", "a:b", "_x", strings.Repeat("x", 65)} {
		require.False(t, isStepName(name), name)
	}
}
