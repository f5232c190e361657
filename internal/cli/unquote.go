package cli

import (
	"errors"
	"strings"

	"github.com/goccy/go-json"
)

// unquote is the text of a JSON string. Unlike those of a JSON library, its
// bytes that are not UTF-8 are kept: they may be in the name of a file.
func unquote(quoted string) (string, error) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", errors.New("want a string")
	}
	var b strings.Builder
	for rest := quoted[1 : len(quoted)-1]; rest != ""; {
		n := strings.IndexByte(rest, '\\')
		if n != 0 {
			if n < 0 {
				n = len(rest)
			}
			b.WriteString(rest[:n])
			rest = rest[n:]
			continue
		}
		// Escapes that follow each other belong together: they may be the two
		// halves of a surrogate pair.
		for n < len(rest) && rest[n] == '\\' {
			if n += 2; rest[n-1] == 'u' {
				n += 4
			}
			if n > len(rest) {
				return "", errors.New("broken escape")
			}
		}
		var text string
		if err := json.Unmarshal([]byte(`"`+rest[:n]+`"`), &text); err != nil {
			return "", err
		}
		b.WriteString(text)
		rest = rest[n:]
	}
	return b.String(), nil
}
