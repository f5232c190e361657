package sketch

import (
	"hash/fnv"
	"unicode/utf8"
)

const (
	shortenedHead = MaxKeyBytes - 24
	hexDigits     = "0123456789abcdef"
)

// Shorten returns key as it is if it has at most MaxKeyBytes, else its start
// and 16 hexadecimal digits that tell it from other keys with the same start,
// in buf. It is cut between characters.
func Shorten(buf, key []byte) []byte {
	if len(key) <= MaxKeyBytes {
		return key
	}
	n := shortenedHead
	for n > shortenedHead-utf8.UTFMax && !utf8.RuneStart(key[n]) {
		n--
	}
	sum := fnv.New64a()
	sum.Write(key)
	buf = append(append(buf[:0], key[:n]...), "…#"...)
	for s, i := sum.Sum64(), 60; i >= 0; i -= 4 {
		buf = append(buf, hexDigits[s>>i&15])
	}
	return buf
}
