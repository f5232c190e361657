package jsonscan

// number walks the number at i.
func (s *scanner) number(i int) int {
	text := s.text
	start := i
	if text[i] == '-' {
		i++
		if i < len(text) && text[i] == 'I' {
			return s.word(i, start, "Infinity")
		}
	}
	first := i
	switch {
	case i >= len(text):
		return s.fail(EndsEarly, i)
	case text[i] == '0':
		i++
	case text[i]-'1' <= 8:
		i = digits(text, i)
	default:
		return s.fail(BadNumber, i)
	}
	if i < len(text) && (text[i] == '.' || text[i]|0x20 == 'e') {
		return s.fraction(i)
	}
	if i-first > longInteger {
		s.note(LongInteger, start)
	}
	return i
}

// fraction walks what follows on the integer part of a number: a fraction, an
// exponent, or both.
func (s *scanner) fraction(i int) int {
	text := s.text
	if text[i] == '.' {
		first := i + 1
		if i = digits(text, first); i == first {
			return s.fail(BadNumber, i)
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		first := i
		if i = digits(text, first); i == first {
			return s.fail(BadNumber, i)
		}
	}
	return i
}

// digits returns the index of the first byte from i on that is no digit.
func digits(text []byte, i int) int {
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return i
}

// literal walks true, false, null, or one of Python's additions to JSON.
func (s *scanner) literal(i int) int {
	switch s.text[i] {
	case 't':
		return s.word(i, -1, "true")
	case 'f':
		return s.word(i, -1, "false")
	case 'n':
		return s.word(i, -1, "null")
	case 'N':
		return s.word(i, i, "NaN")
	case 'I':
		return s.word(i, i, "Infinity")
	}
	return s.fail(WantValue, i)
}

// word walks the letters of a literal. If nonstandardFrom is not negative the
// word is none of JSON's: it is noted as starting there, and where it turns
// out to be something else, it is refused there, as a strict parser would.
func (s *scanner) word(i, nonstandardFrom int, word string) int {
	text := s.text
	for n := 0; n < len(word); n++ {
		if i+n < len(text) && text[i+n] == word[n] {
			continue
		}
		if nonstandardFrom >= 0 {
			return s.fail(WantValue, i)
		}
		return s.fail(BadLiteral, i+n)
	}
	if nonstandardFrom >= 0 {
		s.note(NonstandardNumber, nonstandardFrom)
	}
	return i + len(word)
}
