package record

// These bound what a Joiner puts together, and with it the memory.
const (
	// MaxJoinedBytes is the longest record that is found in lines: 4 MiB.
	MaxJoinedBytes = 4 << 20
	// MaxJoinedLines is the most lines into which it may be cut.
	MaxJoinedLines = 10_000
)

// Joiner finds records that raw newlines inside a string have cut into several
// lines. It takes the damaged lines of a log that follow each other, in order.
//
// The first one is the beginning of an object and ends within a string. Each of
// the others is no JSON value and holds no record that could be salvaged, and
// all but the last one end within a string too. Together, with \n where the
// newlines were, they are one record with which nothing at all is wrong. Of
// lines that could be cut so in two ways there are none: one that begins a
// record has an odd number of quotes, and so ends any that is open.
//
// The cost is linear in the length of the lines. The zero value but for its
// Checker is ready.
type Joiner struct {
	Checker *Checker

	text  []byte // of the lines so far, joined
	lines int
	next  int64 // where the one after them would start
}

// Joined says what a line is to the record that a Joiner puts together.
type Joined uint8

const (
	// Apart is a line that belongs to no record; neither do those before it.
	Apart Joined = iota
	// Begins is a line that may begin a record; those before it belong to none.
	Begins
	// GoesOn is a line with which the record may go on.
	GoesOn
	// Whole is the line that ends the record.
	Whole
)

// Add takes the next line, which has a newline and starts at an offset of the
// log, and its verdict. One that does not start where the line before it ends
// goes on with nothing.
func (j *Joiner) Add(offset int64, line []byte, v Verdict) Joined {
	goesOn := j.lines > 0 && offset == j.next
	j.next = offset + int64(len(line)) + 1
	if goesOn {
		if joined := j.goOn(line, v); joined != Apart {
			return joined
		}
	}
	j.Reset()
	if len(line) == 0 || line[0] != '{' || v.Fault != CorruptedLine || v.why != endsEarly || len(line) > MaxJoinedBytes {
		return Apart
	}
	if within, ok := quotes(line, false); !ok || !within {
		return Apart
	}
	j.text, j.lines = append(j.text, line...), 1
	return Begins
}

// MayJoin reports whether a line with the verdict can be a part of a record that
// a Joiner finds.
func (v Verdict) MayJoin() bool {
	return v.Fault == BlankLine || v.Fault == CorruptedLine && v.why != notObject
}

func (j *Joiner) goOn(line []byte, v Verdict) Joined {
	within, ok := quotes(line, true)
	if !ok || !v.MayJoin() || len(j.text)+2+len(line) > MaxJoinedBytes || j.lines == MaxJoinedLines {
		return Apart
	}
	j.text = append(append(j.text, `\n`...), line...)
	j.lines++
	if within {
		return GoesOn
	}
	if r := j.Checker.Check(j.text, 0); r.Faults != 0 {
		return Apart
	}
	j.lines = 0 // what comes next belongs to it no more
	return Whole
}

// Text is the record, after Whole, up to the next line.
func (j *Joiner) Text() []byte { return j.text }

// Reset forgets the lines so far: another one, with which nothing is wrong,
// comes between, or the log ends.
func (j *Joiner) Reset() { j.text, j.lines = j.text[:0], 0 }

// quotes reports whether a line ends within a string; within says whether it
// begins in one. A backslash outside of a string, or one whose escape the
// newline cuts, is not ok.
func quotes(line []byte, within bool) (_, ok bool) {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			within = !within
		case '\\':
			if i++; !within || i == len(line) {
				return false, false
			}
		}
	}
	return within, true
}
