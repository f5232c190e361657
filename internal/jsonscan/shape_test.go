package jsonscan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestLayoutThatWasLeftHalfway learns a line up to a number with an exponent:
// what follows there is not the start of a line.
func TestLayoutThatWasLeftHalfway(t *testing.T) {
	whole := `{"kind":"event","timestamp":1,"pad":"` + strings.Repeat("p", 100) + `"}` + "\n"
	half := `{"a":"x","b":1e5,"c":"x"}` + "\n"
	many := strings.Repeat(whole, 100)
	text := many + half + many + `{"a":"x","b":1` + many + many
	require.Equal(t, 400, linesAgree(t, new(Lines), []byte(text)))
}

// TestSplicedLines puts lines together at all places where one that was learnt
// may go on as another one does.
func TestSplicedLines(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	places := func(line string) (at []int) {
		for i, c := range []byte(line) {
			if strings.IndexByte(`{}[]":,`, c) >= 0 {
				at = append(at, i, i+1)
			}
		}
		return append(at, 0, len(line))
	}
	l := new(Lines)
	for range testtool.Amount(100, 1000, 20000) {
		var text strings.Builder
		for range 10 { // so that all is learnt, and no window left
			for _, line := range fastLines {
				text.WriteString(line + "\n")
			}
		}
		for range 20 {
			a, b := fastLines[random.IntN(len(fastLines))], fastLines[random.IntN(len(fastLines))]
			cut, on := places(a), places(b)
			text.WriteString(a[:cut[random.IntN(len(cut))]] + b[on[random.IntN(len(on))]:] + "\n")
		}
		for range 3 {
			text.WriteString(fastLines[0] + "\n")
		}
		linesAgree(t, l, []byte(text.String()))
	}
}

// TestLinesFollowLayouts makes sure that what is tested here is what happens:
// lines with other values than those before follow their layouts, wherever
// they lie.
func TestLinesFollowLayouts(t *testing.T) {
	if !canClassify {
		t.Skip("no fast path on this processor")
	}
	random := rand.New(rand.NewPCG(5, 6))
	values := []string{`a`, ``, `\"`, `\\`, `\\\"`, `\n`, `\u00e9`, `\ud83d\ude00`, `é`, `東京`, `🚀`, strings.Repeat("long ", 30), `{[`, `\", \"b\": `}
	numbers := []string{"0", "-0", "1", "-12.5", "0.001", "1710000000.000001", "-9007199254740993"}
	var text []byte
	lines := testtool.Amount(4000, 20000, 20000)
	for range lines {
		v, n := values[random.IntN(len(values))]+values[random.IntN(len(values))], numbers[random.IntN(len(numbers))]
		text = fmt.Appendf(text, `{"kind": "%s", "list": [%s, true, {"o": "%s"}], "timestamp": %s}`+"\n", v, n, v, n)
	}
	l := new(Lines)
	linesAgree(t, l, text)
	l.Reset(fieldSets[0], text, 10000)
	recalled := 0
	var r Result
	for range lines {
		if _, ok := l.Next(&r); ok && l.stale {
			recalled++
		}
	}
	require.Greater(t, recalled, lines*97/100)
}
