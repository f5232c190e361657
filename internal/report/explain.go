package report

import "github.com/papyra-tools/papyra/pkg/record"

// Explanation says in full sentences what a type of anomaly is about.
type Explanation struct {
	What   string // what is wrong
	Cause  string // how that usually comes about
	Repair string // what papyra-repair does with it
}

// Text is the explanation as one paragraph.
func (e Explanation) Text() string {
	return e.What + " Likely cause: " + e.Cause + " Repair: " + e.Repair
}

// Explain returns the explanation of a type; for a value that is none, one that says so.
func Explain(t record.Type) Explanation {
	if e, ok := explainDamage(t); ok {
		return e
	}
	if e, ok := explainKept(t); ok {
		return e
	}
	if e, ok := explainFile(t); ok {
		return e
	}
	return Explanation{What: "This type is not known to this version.", Cause: "none known.", Repair: "none known."}
}

// explainName explains the type of that name.
func explainName(name string) Explanation {
	var t record.Type
	if t.UnmarshalText([]byte(name)) != nil {
		t = record.None
	}
	return Explain(t)
}

// explainDamage is about lines that are not kept as they are.
func explainDamage(t record.Type) (Explanation, bool) {
	switch t {
	case record.OversizedLine:
		return Explanation{"The line is longer than the limit.",
			"a lost newline, a binary file that was appended by mistake, or a payload that does not belong in a log.",
			"drops the line; raise --max-line-bytes if it is meant to be that long."}, true
	case record.NULBytes:
		return Explanation{"A run of NUL bytes stands where text should be.",
			"a power loss before the data reached the disk, or a writer that went on at its old offset after the file was cut (copytruncate).",
			"drops the NUL bytes and keeps a whole record found after them."}, true
	case record.GluedRecords:
		return Explanation{"One line holds a torn fragment and a whole record, or several whole records.",
			"a writer died in the middle of a line and the next one went on from there, or two writers shared the file.",
			"puts each whole record on a line of its own and drops the fragment, where there is no doubt."}, true
	case record.TruncatedLine:
		return Explanation{"The last line has no newline and is no complete record.",
			"the writer was killed, or the disk was full, in the middle of a line.",
			"drops the fragment."}, true
	case record.TooDeep:
		return Explanation{"The line is nested deeper than any reader should be asked to follow.",
			"a payload that refers to itself, or an attack on readers.",
			"drops the line."}, true
	case record.CorruptedLine:
		return Explanation{"The line is not one JSON object.",
			"a torn write, a crash, an editor, or a program that wrote something else into the log.",
			"drops the line; the ledger and --rejects keep its bytes."}, true
	case record.InvalidUTF8:
		return Explanation{"The line is JSON text, but some bytes in it are not UTF-8.",
			"a writer with another encoding, or a bad disk or memory.",
			"drops the line; the ledger and --rejects keep its bytes."}, true
	case record.BlankLine:
		return Explanation{"The line is empty or only white space.",
			"an editor, or a newline written to end a line that was ended already.",
			"drops the line."}, true
	default:
		return Explanation{}, false
	}
}

// explainKept is about records that a repair keeps, as they are or with a small mend.
func explainKept(t record.Type) (Explanation, bool) {
	switch t {
	case record.NonstandardNumber:
		return Explanation{"The record holds NaN, Infinity or -Infinity, which is not JSON.",
			"a Python float without a finite value: the producer writes and reads it, strict parsers refuse it.",
			"keeps the record; --fix-numbers writes null in its place."}, true
	case record.MissingKind:
		return Explanation{"The record has no kind, or one that is not a string.",
			"another program wrote into the log.", "keeps the record; --drop-unknown drops it."}, true
	case record.UnknownKind:
		return Explanation{"The kind of the record is none of the known ones.",
			"a newer producer, or another program; the producer's reader skips such records.",
			"keeps the record; --drop-unknown drops it, --allow-kind makes the kind known."}, true
	case record.MissingTimestamp:
		return Explanation{"The record has no timestamp, or one that is not a finite number.",
			"another program wrote into the log, or a clock value was NaN.", "keeps the record; --drop-unknown drops it."}, true
	case record.MissingNewline:
		return Explanation{"The last record is complete, but its newline is missing.",
			"the writer was killed, or the disk was full, just before the last byte; or an editor saved the file.",
			"keeps the record and adds the newline."}, true
	case record.TimestampRegression:
		return Explanation{"The record is older than the one before it by more than the allowed skew.",
			"several writers, a clock that was set back, or files put together in the wrong order.", "keeps the record."}, true
	case record.DuplicateKey:
		return Explanation{"kind or timestamp stands twice in the record; the last one counts.",
			"a writer that joined two objects as text.", "keeps the record."}, true
	case record.LoneSurrogate:
		return Explanation{"A \\uD800–\\uDFFF escape in the record is not part of a pair.",
			"text that was cut in the middle of a character, or a file name that is not UTF-8.", "keeps the record."}, true
	case record.UnreadableByProducer:
		return Explanation{"The record is valid JSON that the producer's own reader refuses.",
			"nesting beyond Python's recursion limit, an integer with more than 4,300 digits, a number such as 1e999 as timestamp, or a carriage return between two members.",
			"keeps the record."}, true
	case record.ByteOrderMark:
		return Explanation{"The file starts with a byte order mark.",
			"an editor that saved the log.", "drops the mark and keeps the record."}, true
	case record.CarriageReturn:
		return Explanation{"The line ends in CR LF.",
			"an editor or a transfer in text mode on Windows.", "keeps the line as it is."}, true
	default:
		return Explanation{}, false
	}
}

// explainFile is about the log as a whole and its neighbours.
func explainFile(t record.Type) (Explanation, bool) {
	switch t {
	case record.InterruptedRewrite:
		return Explanation{"A file that a rewrite had not finished stands beside the log.",
			"a repair or compaction, ours or the producer's, was killed.",
			"finishes or undoes what is its own; the producer's file is yours to look at and delete."}, true
	case record.RotationGap:
		return Explanation{"A number is missing in the set of rotated files.",
			"a rotated file was deleted or moved.", "none: there is nothing to repair it from."}, true
	case record.OrphanedRotatedFile:
		return Explanation{"A rotated file lies outside the expected set.",
			"the number of files to keep was lowered, or the producer stopped in the middle of a rotation.",
			"leaves the file to you."}, true
	case record.ChangedDuringScan:
		return Explanation{"The log shrank or was replaced while it was read, so that there is no verdict.",
			"a rotation, a compaction, or copytruncate at the same time.", "none: scan again."}, true
	default:
		return Explanation{}, false
	}
}
