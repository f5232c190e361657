// Package pick finds members of records and reads text from them, without
// decoding a record. The records are passed on as the bytes that they are.
package pick

import (
	"bytes"
	"iter"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Picker finds top-level members of records by their exact keys. It is
// immutable and may be used by any number of goroutines at once.
type Picker struct{ keys [][]byte }

// New returns a picker of the given keys.
func New(keys ...string) *Picker {
	p := &Picker{}
	for _, k := range keys {
		p.keys = append(p.keys, []byte(k))
	}
	return p
}

// Pick sets out[i] to the raw JSON value of the i-th key as it stands in line,
// or to nil if there is none; of duplicates the last one counts, as in Python.
// The values are slices of line. line must be one for which
// record.Result.IsRecord holds, from its Start on; of other text Pick makes no
// sense, but it does not panic. out must have a place for each key. Pick
// allocates nothing unless a key is written with escapes.
func (p *Picker) Pick(line []byte, out [][]byte) {
	for i := range p.keys {
		out[i] = nil
	}
	i := bytes.IndexByte(line, '{') + 1
	if i == 0 {
		return
	}
	for {
		i = skipSpace(line, i)
		if i >= len(line) || line[i] != '"' {
			return
		}
		keyEnd := skipString(line, i)
		key := line[i+1 : max(i+1, keyEnd-1)]
		i = skipSpace(line, keyEnd)
		if i >= len(line) || line[i] != ':' {
			return
		}
		start := skipSpace(line, i+1)
		end := skipValue(line, start)
		if n := p.index(key); n >= 0 {
			out[n] = line[start:end]
		}
		i = skipSpace(line, end)
		if i >= len(line) || line[i] != ',' {
			return
		}
		i++
	}
}

func (p *Picker) index(key []byte) int {
	for {
		for n, k := range p.keys {
			if bytes.Equal(k, key) {
				return n
			}
		}
		if bytes.IndexByte(key, '\\') < 0 {
			return -1
		}
		key = jsonscan.Unescape(nil, key)
		if bytes.IndexByte(key, '\\') >= 0 {
			return -1
		}
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// skipString returns the index after the string that starts at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		// The quote closes the string unless an odd number of backslashes
		// stands before it.
		slashes := 0
		for j := i + n - 1; j >= i && b[j] == '\\'; j-- {
			slashes++
		}
		i += n + 1
		if slashes%2 == 0 {
			return i
		}
	}
	return len(b)
}

// skipValue returns the index after the value that starts at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(b)
}

// AppendText appends the text of a raw JSON string, quotes included, to dst.
// It reports false, with dst unchanged, if raw is no string. A surrogate
// escape that is not part of a pair becomes U+FFFD.
func AppendText(dst, raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return dst, false
	}
	return jsonscan.Unescape(dst, raw[1:len(raw)-1]), true
}

// NonstandardNumbers yields where NaN, Infinity and -Infinity stand as values
// in a record, from start to end, in order: not inside strings.
func NonstandardNumbers(line []byte) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for i := 0; i < len(line); {
			switch line[i] {
			case '"':
				i = skipString(line, i)
				continue
			case 'N', 'I', '-':
				for _, word := range [...]string{"NaN", "Infinity", "-Infinity"} {
					if bytes.HasPrefix(line[i:], []byte(word)) {
						if !yield(i, i+len(word)) {
							return
						}
						i += len(word) - 1
						break
					}
				}
			}
			i++
		}
	}
}
