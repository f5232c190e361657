package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
)

// commandLines takes a line of shell apart into the commands of its pipelines, without redirections. Both quotes are
// known, expansions are not.
func commandLines(line string) [][]string {
	var all [][]string
	var words []string
	var word strings.Builder
	quote, redirected := rune(0), false
	endWord := func() {
		if word.Len() > 0 && !redirected {
			words = append(words, word.String())
		}
		if word.Len() > 0 {
			redirected = false
		}
		word.Reset()
	}
	endCommand := func() {
		endWord()
		if len(words) > 0 {
			all = append(all, words)
		}
		words, redirected = nil, false
	}
	for _, r := range line {
		switch {
		case r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote = r
		case r == '|' || r == '&' || r == ';':
			endCommand()
		case r == '<' || r == '>':
			if word.String() == "2" {
				word.Reset()
			}
			endWord()
			redirected = true
		case r == ' ':
			endWord()
		default:
			word.WriteRune(r)
		}
	}
	endCommand()
	return all
}

func TestCommandLines(t *testing.T) {
	require.Equal(t, [][]string{{"papyra-repair"}, {"jq", ".a | .b"}}, commandLines(`papyra-repair < in 2> err | jq '.a | .b' > out`))
	require.Equal(t, [][]string{{"a", "x"}, {"b"}}, commandLines(`a x && b >y`))
}

// parses reports whether words are a command line of ours. It fails the test if
// it is one that is refused.
func parses(t *testing.T, words []string, where string) bool {
	t.Helper()
	i := slices.IndexFunc(programSteps, func(s cli.Step) bool { return s.Binary == words[0] })
	if i < 0 {
		return false
	}
	command, args := programSteps[i].New(), words[1:]
	if r, ok := command.(cli.Router); ok {
		args, _, _ = r.Route(args)
	}
	env := &cli.Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}
	parser, err := cli.NewParser(env, words[0], "", command)
	require.NoError(t, err)
	if slices.Contains(args, "--help") || slices.Contains(args, "--version") {
		return true
	}
	_, err = cli.Parse(parser, args)
	require.NoError(t, err, where)
	return true
}

// An example that cannot be pasted is worse than none.
func TestExamplesParse(t *testing.T) {
	programs, err := programs()
	require.NoError(t, err)
	for _, p := range programs {
		each(p, func(c *command) {
			_, examples := split(c.Detail)
			if len(c.Children) == 0 && c.Name != "version" {
				require.NotEmpty(t, examples, "%s %v has no examples", p.Name, c.Path)
			}
			for _, b := range examples {
				ours := 0
				for _, line := range strings.Split(b.text, "\n") {
					for _, words := range commandLines(line) {
						if parses(t, words, line) {
							ours++
						} else {
							require.False(t, strings.HasPrefix(words[0], "papyra"), line)
						}
					}
				}
				require.Positive(t, ours, b.text)
			}
		})
	}
}

// The same goes for the documents: every command in a block of shell must parse.
func TestDocumentsParse(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	checked := 0
	for _, file := range append(files, "../../README.md", "../../packaging/README.md") {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		shell := false
		for _, line := range strings.Split(strings.ReplaceAll(string(data), "\\\n", " "), "\n") {
			if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
				shell = !shell && (fence == "sh" || fence == "bash" || fence == "shell" || fence == "console")
				continue
			}
			line, _, _ = strings.Cut(line, " #")
			if !shell || strings.Contains(line, "$(") {
				continue
			}
			for _, words := range commandLines(strings.TrimPrefix(strings.TrimSpace(line), "$ ")) {
				for len(words) > 1 && (strings.Contains(words[0], "=") || words[0] == "sudo") {
					words = words[1:]
				}
				words[0] = strings.TrimPrefix(words[0], "bin/")
				if parses(t, words, file+": "+line) {
					checked++
				}
			}
		}
	}
	require.Greater(t, checked, 20)
	t.Logf("%d commands", checked)
}
