package cli

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// lifting is a command with every form of flag.
type lifting struct {
	RewriteInputs
	Output
	Word  string   `short:"w"`
	List  []string `short:"l"`
	Limit *Count   `short:"n"`
}

func parsed(t *testing.T, command any, args []string) (*kong.Context, error) {
	t.Helper()
	env := &Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}
	parser, err := NewParser(env, "test", "", command)
	require.NoError(t, err)
	return Parse(parser, args)
}

// What is lifted is what kong would have taken, wherever flags stand.
func TestLift(t *testing.T) {
	for _, tt := range []struct {
		line, args, path, word string
		fails                  string
	}{
		{line: "a b", args: "a b"},
		{line: "a --word w b", args: "a b", word: "w"},
		{line: "-w w a", args: "a", word: "w"},
		{line: "-ww a", args: "a", word: "w"},
		{line: "-qw w a", args: "a", word: "w"},
		{line: "-q a", args: "a"},
		{line: "--quiet a -", args: "a -"},
		{line: "--word=w a", args: "a", word: "w"},
		{line: "--path p a --path=q --path -", args: "a", path: "p q -"},
		{line: "a -- --word -x", args: "a --word -x"},
		{line: "--limit none a -n 5", args: "a"},
		{line: "a --word", fails: "--word"},
		{line: "a --path", fails: "--path"},
		{line: "a --path --quiet", fails: "--path"},
		{line: "a --word --quiet", fails: "--word"},
		{line: "a --wrod w", fails: "--wrod"},
		{line: "a -y", fails: "-y"},
	} {
		var cmd lifting
		_, err := parsed(t, &cmd, strings.Fields(tt.line))
		if tt.fails != "" {
			require.ErrorContains(t, err, tt.fails, tt.line)
			continue
		}
		require.NoError(t, err, tt.line)
		require.Equal(t, tt.args, strings.Join(cmd.Args, " "), tt.line)
		require.Equal(t, tt.path, strings.Join(cmd.Path, " "), tt.line)
		require.Equal(t, tt.word, cmd.Word, tt.line)
	}
}

// Any number of paths costs no more than their names: kong, which is quadratic,
// does not see them. Other flags are bounded.
func TestLiftMany(t *testing.T) {
	var args []string
	for i := range 100_000 {
		args = append(args, "a"+strconv.Itoa(i), "--path", "b")
	}
	var cmd lifting
	_, err := parsed(t, &cmd, args)
	require.NoError(t, err)
	require.Len(t, cmd.Args, 100_000)
	require.Len(t, cmd.Path, 100_000)
	args = nil
	for range maxArgs {
		args = append(args, "--list", "x")
	}
	_, err = parsed(t, &lifting{}, args)
	require.ErrorContains(t, err, "4000 flags and values, at most 2000")
}

func TestSplitList(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b": {"a", "b"}, `a\,b`: {"a,b"}, "": nil, "a,": {"a"}, ",a": {"", "a"}, `a\b`: {`a\b`}, "\xff,\xfe": {"\xff", "\xfe"},
	} {
		require.Equal(t, want, splitList(text, ','), text)
	}
	require.Equal(t, []string{"a,b"}, splitList("a,b", -1))
}
