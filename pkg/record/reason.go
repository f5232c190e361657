package record

import (
	"fmt"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Reason says why a line got its verdict, without holding on to the line.
type Reason uint8

// The reasons.
const (
	noReason Reason = iota
	endsEarly
	wantValue
	wantKey
	wantKeyOrEnd
	wantColon
	wantCommaOrBrace
	wantCommaOrBracket
	afterTop
	badEscape
	badUnicodeEscape
	controlInString
	badNumber
	badLiteral
	notObject
	badUTF8
	nulBytes
	besideNUL
	betweenNUL
	tooDeep
	tooLong
	nonstandard
	noKind
	kindNotString
	unknownKind
	noTimestamp
	timestampNotNumber
	timestampNotFinite
	duplicateKind
	duplicateTimestamp
	loneSurrogate
	longInteger
	deepForProducer
	returnInside
	utf16Text
	noNewline
	tornAndWhole
	severalWhole
	blankLine
	byteOrderMark
	carriageReturn
	regression
)

// codeReasons are the reasons for which a scan refuses a text.
var codeReasons = [jsonscan.NumCodes]Reason{
	jsonscan.EndsEarly:          endsEarly,
	jsonscan.WantValue:          wantValue,
	jsonscan.WantKey:            wantKey,
	jsonscan.WantKeyOrEnd:       wantKeyOrEnd,
	jsonscan.WantColon:          wantColon,
	jsonscan.WantCommaOrBrace:   wantCommaOrBrace,
	jsonscan.WantCommaOrBracket: wantCommaOrBracket,
	jsonscan.AfterTop:           afterTop,
	jsonscan.BadEscape:          badEscape,
	jsonscan.BadUnicodeEscape:   badUnicodeEscape,
	jsonscan.ControlInString:    controlInString,
	jsonscan.BadNumber:          badNumber,
	jsonscan.BadLiteral:         badLiteral,
	jsonscan.TooDeep:            tooDeep,
}

var reasonTexts = [...]string{
	noReason:           "",
	endsEarly:          "the text ends too early",
	wantValue:          "a value was expected",
	wantKey:            "a key in double quotes was expected",
	wantKeyOrEnd:       "a key in double quotes or } was expected",
	wantColon:          "a colon was expected after the key",
	wantCommaOrBrace:   "a comma or } was expected after the value",
	wantCommaOrBracket: "a comma or ] was expected after the value",
	afterTop:           "there is text after the end of the value",
	badEscape:          "this escape is not one of JSON's",
	badUnicodeEscape:   "\\u is not followed by four hexadecimal digits",
	controlInString:    "a control character stands unescaped in a string",
	badNumber:          "this is not how a number is written",
	badLiteral:         "this is none of true, false and null",
	notObject:          "the value is not a JSON object",
	badUTF8:            "these bytes are not UTF-8",
	nulBytes:           "NUL bytes: a block that was never written, or a hole",
	besideNUL:          "a fragment beside NUL bytes is no whole record",
	betweenNUL:         "between NUL bytes a record can't be told from a part of one",
	tooDeep:            "the nesting is deeper than the limit",
	tooLong:            "the line is longer than the limit",
	nonstandard:        "NaN and Infinity are not JSON numbers",
	noKind:             "the record has no kind",
	kindNotString:      "the kind is not a string",
	unknownKind:        "the kind is none of the known ones",
	noTimestamp:        "the record has no timestamp",
	timestampNotNumber: "the timestamp is not a number",
	timestampNotFinite: "the timestamp is not a finite number",
	duplicateKind:      "kind stands twice; the last one counts",
	duplicateTimestamp: "timestamp stands twice; the last one counts",
	loneSurrogate:      "a surrogate escape is not part of a pair",
	longInteger:        "an integer has more than 4300 digits, which Python refuses",
	deepForProducer:    "the nesting is deeper than Python's reader can follow",
	returnInside:       "Python ends the line at a carriage return inside it",
	utf16Text:          "the text looks like UTF-16; the log is UTF-8",
	noNewline:          "the last record lacks its newline",
	tornAndWhole:       "a torn fragment is glued to a whole record",
	severalWhole:       "several whole records share one line",
	blankLine:          "the line holds nothing but white space",
	byteOrderMark:      "the file starts with a byte order mark",
	carriageReturn:     "the line ends in a carriage return and a newline",
	regression:         "the record is older than the one before it",
}

// Text returns the reason in words. line and at are those of the check that
// gave the reason; where a byte of the line was refused, the text names it, in
// printable ASCII. line may be nil: then no byte is named.
func (r Reason) Text(line []byte, at int) string {
	if int(r) >= len(reasonTexts) {
		return ""
	}
	text := reasonTexts[r]
	switch r {
	case wantValue, wantKey, wantKeyOrEnd, wantColon, wantCommaOrBrace, wantCommaOrBracket, afterTop,
		badEscape, badUnicodeEscape, controlInString, badNumber, badLiteral, badUTF8:
		if at >= 0 && at < len(line) {
			return "unexpected " + quoteByte(line[at:]) + ": " + text
		}
	}
	return text
}

// ReasonOf says in words what is wrong with a line of type t where there is
// nothing more special to say.
func ReasonOf(t Type) string { return t.Info().Reason }

// quoteByte names the character that b starts with, in printable ASCII.
func quoteByte(b []byte) string {
	if c := b[0]; c < utf8.RuneSelf {
		return fmt.Sprintf("%q", rune(c))
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
		return fmt.Sprintf("%+q", r)
	}
	return fmt.Sprintf("byte 0x%02x", b[0])
}
