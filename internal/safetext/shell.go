package safetext

import (
	"fmt"
	"strings"
)

// Shell returns a path as a word of a shell that means it and nothing else, for
// a person to copy. What a terminal would obey or hide, and bytes that are not
// UTF-8, are written in the $'…' form that bash, zsh, ksh and POSIX 2024 know.
func Shell(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path // or it is an option
	}
	if String(path) != path {
		var b strings.Builder
		for _, c := range []byte(path) {
			switch {
			case c < ' ' || c >= 0x7f:
				fmt.Fprintf(&b, `\%03o`, c)
			case c == '\'' || c == '\\':
				b.WriteString(`\` + string(c))
			default:
				b.WriteByte(c)
			}
		}
		return "$'" + b.String() + "'"
	}
	for _, r := range path {
		plain := r >= 0x80 || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./,:+@", r)
		if !plain {
			return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		}
	}
	if path == "" {
		return "''"
	}
	return path
}
