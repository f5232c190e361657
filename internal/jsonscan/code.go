package jsonscan

// Code says why a text was refused.
type Code uint8

const (
	// OK means that the text is one JSON value.
	OK Code = iota
	// EndsEarly is for text that could go on: more of it might be well formed.
	EndsEarly
	// WantValue is for a byte that starts no value.
	WantValue
	// WantKey is for a comma in an object that no key follows.
	WantKey
	// WantKeyOrEnd is for an opening brace that neither key nor } follows.
	WantKeyOrEnd
	// WantColon is for a key that no colon follows.
	WantColon
	// WantCommaOrBrace is for a member that neither comma nor } follows.
	WantCommaOrBrace
	// WantCommaOrBracket is for an element that neither comma nor ] follows.
	WantCommaOrBracket
	// AfterTop is for text behind the end of the value.
	AfterTop
	// BadEscape is for a backslash before what JSON does not escape.
	BadEscape
	// BadUnicodeEscape is for \u without four hexadecimal digits.
	BadUnicodeEscape
	// ControlInString is for a control character inside a string.
	ControlInString
	// BadNumber is for what starts as a number and is none.
	BadNumber
	// BadLiteral is for what starts as true, false or null and is none.
	BadLiteral
	// TooDeep is for nesting beyond the limit.
	TooDeep
	// NumCodes is how many values Code has, to size arrays by.
	NumCodes
)

// Note is something odd about a text that is well formed otherwise.
type Note uint8

const (
	// InvalidUTF8 is for bytes inside a string that are not UTF-8.
	InvalidUTF8 Note = iota
	// NonstandardNumber is for NaN, Infinity and -Infinity, which Scan lets
	// pass although JSON does not know them.
	NonstandardNumber
	// LoneSurrogate is for an escape of a surrogate that is not half of a pair.
	LoneSurrogate
	// LongInteger is for an integer of more than 4300 digits, which is
	// sys.int_info.default_max_str_digits, the longest that Python reads.
	LongInteger
	// DeepNesting is for nesting deeper than 900, which Python's json.loads may
	// not follow: its recursion limit is 1000, less the frames of a program.
	DeepNesting
	// InnerReturn is for a carriage return between the tokens of the value.
	InnerReturn
	numNotes
)

const (
	deepNesting = 900
	longInteger = 4300
)

// Notes is a set of notes.
type Notes uint8

// Has reports whether n is in the set.
func (s Notes) Has(n Note) bool { return s>>n&1 == 1 }

// Result is what a scan found. The zero value is ready for use.
type Result struct {
	// Code is why the text was refused, and At the index of the byte at which
	// it was: the length of the text if it ends too early.
	Code Code
	At   int
	// Object says that the value is an object. It is set as soon as the brace
	// is seen, and so on refused text too.
	Object bool
	// Notes are the oddities, and NoteAt where the first of each that there is
	// starts.
	Notes  Notes
	NoteAt [numNotes]int
	// Fields are the places of the wanted members, in the order of [Compile].
	Fields [MaxFields]Field
}

// Field is where a wanted member stands. The zero value means: nowhere.
type Field struct {
	// Start and End bound the raw value, quotes included, of the last member of
	// this name. Of an object or array, it is the opening bracket only.
	Start, End int
	// Count is how often the member stands in the object that counts: for a
	// path whose ancestor is repeated, the last one.
	Count int
	// Dup is where the first key stands, opening quote included, that repeats
	// the member or one of its ancestors; 0 if none does.
	Dup int
}
