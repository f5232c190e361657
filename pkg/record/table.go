package record

// Info is a row of the table of types, from which everything that tools say and
// do about a type comes. A new type is a constant, a row here, and a section in
// docs/FORMAT.md.
type Info struct {
	// Name is the spelling that reports carry, such as "truncated_line".
	Name string
	// Severity tells what makes a log unhealthy from what does not.
	Severity Severity
	// Damage says that a line with this fault is no record.
	Damage bool
	// Repair says when a repair changes what has this fault.
	Repair Repair
	// Reason is a clause on what is wrong; see [Verdict.Explain].
	Reason string
	// What, Cause and Remedy are what to tell a person: what is wrong, a
	// sentence; how that usually comes about, and what a repair does about it,
	// both without capital letter and period.
	What, Cause, Remedy string
}

// Repair says when a repair acts on a fault.
type Repair uint8

const (
	// RepairNever is for what is reported only.
	RepairNever Repair = iota
	// RepairAlways is for what any repair mends or drops.
	RepairAlways
	// RepairNumbers is for what a repair mends if it may write null in the
	// place of numbers that are not JSON.
	RepairNumbers
	// RepairUnknown is for what a repair drops if it may drop whole records
	// that nobody knows what to do with.
	RepairUnknown
)

// Info returns the row of the type. Of a value that is none of the constants,
// it says that this version does not know it.
func (t Type) Info() *Info {
	if t < numTypes {
		return &table[t]
	}
	return &table[None]
}

// Where returns the set of the types of which is holds.
func Where(is func(*Info) bool) Set {
	var s Set
	for t := None + 1; t < numTypes; t++ {
		if is(&table[t]) {
			s = s.With(t)
		}
	}
	return s
}

var table = [numTypes]Info{
	None: {
		Name: "none", Severity: Error,
		What:   "This type is not known to this version.",
		Cause:  "none known",
		Remedy: "none known",
	},
	TruncatedLine: {
		Name: "truncated_line", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "the last line is no complete record",
		What:   "The last line has no newline and is no complete record.",
		Cause:  "the writer was killed, or the disk was full, in the middle of a line",
		Remedy: "drops the fragment",
	},
	MissingNewline: {
		Name: "missing_newline", Severity: Error, Repair: RepairAlways,
		Reason: "the last record lacks its newline",
		What:   "The last record is complete, but its newline is missing.",
		Cause:  "the writer was killed, or the disk was full, just before the last byte; or an editor saved the file",
		Remedy: "keeps the record and adds the newline",
	},
	CorruptedLine: {
		Name: "corrupted_line", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "the line is not one JSON object",
		What:   "The line is not one JSON object.",
		Cause:  "a torn write, a crash, an editor, or a program that wrote something else into the log",
		Remedy: "drops the line; the ledger and --rejects keep its bytes",
	},
	InvalidUTF8: {
		Name: "invalid_utf8", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "these bytes are not UTF-8",
		What:   "The line is JSON text, but some bytes in it are not UTF-8.",
		Cause:  "a writer with another encoding, or a bad disk or memory",
		Remedy: "drops the line; the ledger and --rejects keep its bytes",
	},
	NULBytes: {
		Name: "nul_bytes", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "NUL bytes: a block that was never written, or a hole",
		What:   "A run of NUL bytes stands where text should be.",
		Cause:  "a power loss before the data reached the disk, or a writer that went on at its old offset after the file was cut (copytruncate)",
		Remedy: "drops the NUL bytes and keeps a whole record beside them",
	},
	GluedRecords: {
		Name: "glued_records", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "several records or fragments share one line",
		What:   "One line holds a torn fragment and a whole record, or several whole records.",
		Cause:  "a writer died in the middle of a line and the next one went on from there, or two writers shared the file",
		Remedy: "puts each whole record on a line of its own and drops the fragment, where there is no doubt",
	},
	SplitRecord: {
		Name: "split_record", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "raw newlines inside a string cut one record into several lines",
		What:   "Raw newlines inside a string cut one record into several lines, none of which is JSON.",
		Cause:  "a writer that does not escape text, or a tool that turned every \\n into a newline",
		Remedy: "drops the lines; --rejoin joins them again, with \\n where the newlines were",
	},
	ConflictMarker: {
		Name: "conflict_marker", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "a conflict marker that git left",
		What:   "The line is a conflict marker of git, such as <<<<<<< or =======.",
		Cause:  "a merge of two branches that both appended to the log, committed as it was",
		Remedy: "drops the marker and keeps the records of both sides",
	},
	NonstandardNumber: {
		Name: "nonstandard_number", Severity: Error, Repair: RepairNumbers,
		Reason: "NaN and Infinity are not JSON numbers",
		What:   "The record holds NaN, Infinity or -Infinity, which is not JSON.",
		Cause:  "a Python float without a finite value: the producer writes and reads it, strict parsers refuse it",
		Remedy: "keeps the record; --fix-numbers writes null in its place",
	},
	OversizedLine: {
		Name: "oversized_line", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "the line is longer than the limit",
		What:   "The line is longer than the limit.",
		Cause:  "a lost newline, a binary file that was appended by mistake, or a payload that does not belong in a log",
		Remedy: "drops the line; raise --max-line-bytes if it is meant to be that long",
	},
	TooDeep: {
		Name: "too_deep", Severity: Error, Damage: true, Repair: RepairAlways,
		Reason: "the nesting is deeper than the limit",
		What:   "The line is nested deeper than any reader should be asked to follow.",
		Cause:  "a payload that refers to itself, or an attack on readers",
		Remedy: "drops the line",
	},
	MissingKind: {
		Name: "missing_kind", Severity: Error, Repair: RepairUnknown,
		Reason: "the record has no kind",
		What:   "The record has no kind, or one that is not a string.",
		Cause:  "another program wrote into the log",
		Remedy: "keeps the record; --drop-unknown drops it",
	},
	UnknownKind: {
		Name: "unknown_kind", Severity: Error, Repair: RepairUnknown,
		Reason: "the kind is none of the known ones",
		What:   "The kind of the record is none of the known ones.",
		Cause:  "a newer producer, or another program; the producer's reader skips such records",
		Remedy: "keeps the record; --drop-unknown drops it, --allow-kind makes the kind known",
	},
	MissingTimestamp: {
		Name: "missing_timestamp", Severity: Error, Repair: RepairUnknown,
		Reason: "the record has no timestamp",
		What:   "The record has no timestamp, or one that is not a finite number.",
		Cause:  "another program wrote into the log, or a clock value was NaN",
		Remedy: "keeps the record; --drop-unknown drops it",
	},
	MissingField: {
		Name: "missing_field", Severity: Error, Repair: RepairUnknown,
		Reason: "the record lacks a member that its profile requires",
		What:   "The record lacks a member that the profile of the log requires.",
		Cause:  "another program wrote into the log, or the profile asks for too much",
		Remedy: "keeps the record; --drop-unknown drops it",
	},
	TimestampRegression: {
		Name:   "timestamp_regression",
		Reason: "the record is older than the one before it",
		What:   "The record is older than the one before it by more than the allowed skew.",
		Cause:  "several writers, a clock that was set back, or files put together in the wrong order",
		Remedy: "keeps the record",
	},
	FutureTimestamp: {
		Name:   "future_timestamp",
		Reason: "the record is over a day ahead of the clock",
		What:   "The record is over a day ahead of the clock.",
		Cause:  "milliseconds that were taken for seconds, or a clock that was set wrong",
		Remedy: "keeps the record",
	},
	DuplicateKey: {
		Name:   "duplicate_key",
		Reason: "kind or timestamp stands twice; the last one counts",
		What:   "kind or timestamp stands twice in the record; the last one counts.",
		Cause:  "a writer that joined two objects as text",
		Remedy: "keeps the record",
	},
	LoneSurrogate: {
		Name:   "lone_surrogate",
		Reason: "a surrogate escape is not part of a pair",
		What:   "A \\uD800–\\uDFFF escape in the record is not part of a pair.",
		Cause:  "text that was cut in the middle of a character, or a file name that is not UTF-8",
		Remedy: "keeps the record",
	},
	UnreadableByProducer: {
		Name:   "unreadable_by_producer",
		Reason: "the producer's own reader refuses the record",
		What:   "The record is valid JSON that the producer's own reader refuses.",
		Cause: "nesting beyond Python's recursion limit, an integer with more than 4,300 digits, a number such as 1e999 as timestamp, " +
			"or a carriage return between two members",
		Remedy: "keeps the record",
	},
	BlankLine: {
		Name: "blank_line", Damage: true, Repair: RepairAlways,
		Reason: "the line holds nothing but white space",
		What:   "The line is empty or only white space.",
		Cause:  "an editor, or a newline written to end a line that was ended already",
		Remedy: "drops the line",
	},
	ByteOrderMark: {
		Name: "byte_order_mark", Repair: RepairAlways,
		Reason: "the file starts with a byte order mark",
		What:   "The file starts with a byte order mark.",
		Cause:  "an editor that saved the log",
		Remedy: "drops the mark and keeps the record",
	},
	CarriageReturn: {
		Name:   "carriage_return",
		Reason: "the line ends in a carriage return and a newline",
		What:   "The line ends in CR LF.",
		Cause:  "an editor or a transfer in text mode on Windows",
		Remedy: "keeps the line as it is",
	},
	DuplicateID: {
		Name:   "duplicate_id",
		Reason: "an earlier record has the same id",
		What:   "The record has the id of an earlier one.",
		Cause:  "a record that was written again after an error, a log that was copied into itself, or a conversation that was resumed",
		Remedy: "keeps the record",
	},
	BrokenLink: {
		Name:   "broken_link",
		Reason: "the record refers to an id that is not in the log",
		What:   "The record refers to the id of a record that is not in the log.",
		Cause:  "a record that was lost or that stands in another file, or retention that removed it",
		Remedy: "keeps the record",
	},
	InterruptedRewrite: {
		Name: "interrupted_rewrite", Severity: Error,
		What:   "A file that a rewrite had not finished stands beside the log.",
		Cause:  "a repair or compaction, ours or the producer's, was killed",
		Remedy: "finishes or undoes what is its own; the producer's file is yours to look at and delete",
	},
	RotationGap: {
		Name:   "rotation_gap",
		What:   "A number is missing in the set of rotated files.",
		Cause:  "a rotated file was deleted or moved",
		Remedy: "none: there is nothing to repair it from",
	},
	OrphanedRotatedFile: {
		Name:   "orphaned_rotated_file",
		What:   "A rotated file lies outside the expected set.",
		Cause:  "the number of files to keep was lowered, or the producer stopped in the middle of a rotation",
		Remedy: "leaves the file to you",
	},
	ChangedDuringScan: {
		Name: "changed_during_scan", Severity: Error,
		What:   "The log shrank or was replaced while it was read, so that there is no verdict.",
		Cause:  "a rotation, a compaction, or copytruncate at the same time",
		Remedy: "none: scan again",
	},
}
