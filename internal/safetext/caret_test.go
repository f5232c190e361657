package safetext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCaret(t *testing.T) {
	for _, tt := range []struct {
		line        string
		at          int
		text, caret string
	}{
		{"", 0, "", "^"},
		{`{"a": 1}`, 1, `{"a": 1}`, " ^"},
		{"ab", 2, "ab", "  ^"},
		{"\t\x1b x", 3, `\t\x1b x`, "       ^"},
		{"äöü", 4, "äöü", "  ^"},
		{"日本", 3, "日本", "  ^"},
		{strings.Repeat("x", 40) + "y" + strings.Repeat("z", 40), 40, "…xxxxxxxxxxyzzzzzzz…", "           ^"},
	} {
		text, caret := Caret(tt.line, tt.at, 20)
		require.Equal(t, tt.text, text, tt.line)
		require.Equal(t, tt.caret, caret, tt.line)
	}
}

// Whatever the line, the caret stands under the rest of it.
func TestCaretStandsUnderTheByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "line"))
		at := rapid.IntRange(0, len(line)).Draw(t, "at")
		width := rapid.IntRange(10, 90).Draw(t, "width")
		text, caret := Caret(line, at, width)
		require.LessOrEqual(t, Width(text), width)
		require.Less(t, len(caret), width+1)
		require.Equal(t, String(text), text, "nothing unsafe")
	})
}
