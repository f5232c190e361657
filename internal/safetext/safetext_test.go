package safetext

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"plain text, 100 % fine": "plain text, 100 % fine",
		"local://1":              "local://1",
		`C:\logs\x`:              `C:\logs\x`,
		"a\nb\r\tc":              `a\nb\r\tc`,
		"\x00\x07\x1b[2J\x7f":    `\x00\x07\x1b[2J\x7f`,
		"\u009b31m":              `\x9b31m`,
		"\u00a0":                 `\u{a0}`,
		"\u00ad":                 `\u{ad}`,
		"é ü 日本 🎉 ×":             "é ü 日本 🎉 ×",
		"e\u0301":                "e\u0301",
		"\u202eevil\u2066\u200f": `\u{202e}evil\u{2066}\u{200f}`,
		"\u200b\u200d\ufeff":     `\u{200b}\u{200d}\u{feff}`,
		"\u2028\u2029":           `\u{2028}\u{2029}`,
		"\ue000\U000e0041":       `\u{e000}\u{e0041}`,
		"\xff\xc3(\xed\xa0\x80":  `\xff\xc3(\xed\xa0\x80`,
		"\ufffd":                 "\ufffd",
		"\ufe0f\u3164\u2800":     `\u{fe0f}\u{3164}\u{2800}`,
	} {
		require.Equal(t, want, String(in))
		require.Equal(t, "> "+want, string(Append([]byte("> "), []byte(in))))
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"a longer text", 8, "a longe…"},
		{"日本語日本語", 7, "日本語…"},
		{"日本語", 6, "日本語"},
		{"\x1b[2J\x1b[2J", 6, `\x1b[…`},
		{"x", 0, ""},
		{"xy", 1, "…"},
		{strings.Repeat("x", 1000), 5, "xxxx…"},
		{strings.Repeat("日", 1000), 5, "日日…"},
		{"a" + strings.Repeat("\u0301", 1000), 3, ""},
	} {
		got := Clip(tt.in, tt.width)
		require.LessOrEqual(t, Width(got), max(tt.width, 0))
		if tt.want != "" || tt.width == 0 {
			require.Equal(t, tt.want, got)
		}
	}
}

// safe is what the package promises, said in another way than the code does it.
func safe(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa1 || r == 0xad || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f ||
			r == 0xfeff || r >= 0xe000 && r <= 0xf8ff || r >= 0xe0000 {
			return false
		}
	}
	return true
}

func FuzzString(f *testing.F) {
	f.Add([]byte("plain"), 10)
	f.Add([]byte("\x1b]0;title\x07\u202e\xff"), 3)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		s := String(string(data))
		if !safe(s) {
			t.Fatalf("%q became %q", data, s)
		}
		if s != String(s) {
			t.Fatalf("%q changes again", s)
		}
		width %= 200
		if c := Clip(string(data), width); !safe(c) || Width(c) > max(width, 0) {
			t.Fatalf("%q clipped to %d is %q", data, width, c)
		}
	})
}
