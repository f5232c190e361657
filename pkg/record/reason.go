package record

import (
	"fmt"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// reason says why a line got its verdict, where its type does not say it all.
type reason uint8

// Those from wantValue to badUTF8 are about a byte that should not be there.
const (
	noReason reason = iota
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
	badUTF8
	notObject
	nulBytes
	tooDeep
	kindNotString
	noTimestamp
	timestampNotNumber
	timestampNotFinite
	duplicateKind
	duplicateTimestamp
	longInteger
	deepForProducer
	returnInside
	markForProducer
	utf16Text
	tornAndWhole
	tornAndSeveral
	severalWhole
	// missingFields and those behind it are for a record without one of the
	// fields that its profile needs, in their order.
	missingFields
)

// codeReasons are the reasons for which a scan refuses a text.
var codeReasons = [jsonscan.NumCodes]reason{
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
	tooDeep:            "the nesting is deeper than the limit",
	kindNotString:      "the kind is not a string",
	noTimestamp:        "the record has no timestamp",
	timestampNotNumber: "the timestamp is not a number",
	timestampNotFinite: "the timestamp is not a finite number",
	duplicateKind:      "kind stands twice; the last one counts",
	duplicateTimestamp: "timestamp stands twice; the last one counts",
	longInteger:        "an integer has more than 4300 digits, which Python refuses",
	deepForProducer:    "the nesting is deeper than Python's reader can follow",
	returnInside:       "Python ends the line at a carriage return inside it",
	markForProducer:    "Python does not skip the byte order mark",
	utf16Text:          "the text looks like UTF-16; the log is UTF-8",
	tornAndWhole:       "a torn fragment is glued to a whole record",
	tornAndSeveral:     "whole records and torn fragments share one line",
	severalWhole:       "several whole records share one line",
}

// Explain says in words what is wrong; "" for a healthy line. line is the one
// that was checked; where a byte of it was refused, the text names the byte, in
// printable ASCII, and that is all that it holds of the line. line may be nil:
// then no byte is named.
func (v Verdict) Explain(line []byte) string {
	if v.Fault == None {
		return ""
	}
	if v.why == noReason || v.why >= missingFields {
		return v.Fault.Info().Reason
	}
	text := reasonTexts[v.why]
	if v.why.ofByte() && v.At >= 0 && int(v.At) < len(line) {
		return "unexpected " + quoteByte(line[v.At:]) + ": " + text
	}
	return text
}

// ofByte reports whether the reason is about a byte that should not be there.
func (r reason) ofByte() bool { return r >= wantValue && r <= badUTF8 }

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
