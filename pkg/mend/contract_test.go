package mend_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// clock is when the logs of the contract are looked at.
func clock() time.Time { return time.Unix(1_710_000_000, 0) }

const (
	rec  = `{"kind":"event","timestamp":1}`
	next = `{"kind":"audit","timestamp":2}`
)

// contract says for each type what a log looks like that has it, what a scan
// finds, through the eyes of a strict parser and of the producer, and what a
// repair makes of it. A verdict is the type, "!" if it is an error, the offset
// of the fault in the log, if it has one, and what else is wrong with the line.
var contract = []struct {
	typ      record.Type
	log      string
	strict   string
	producer string // "=": the same
	repaired string // "=": it is left alone
}{
	{record.None, rec + "\n", "", "=", "="},
	{record.None, ` {"\u006bind" : "dead_letter", "timestamp":1e3, "Kind":7}` + " \n", "", "=", "="},
	{record.None, "", "", "=", "="},

	{record.TruncatedLine, rec + "\n" + `{"kind":"ev`, "truncated_line! 42", "=", rec + "\n"},
	{record.TruncatedLine, "[1]", "truncated_line! 0", "=", ""},
	{record.TruncatedLine, `{"kind":"event","timestamp":1,"x":"` + "\xff\"}", "truncated_line! 35 +invalid_utf8", "=", ""},
	{record.TruncatedLine, rec + "\x00\x00", "truncated_line! 30 +nul_bytes", "=", rec + "\n"},
	{record.TruncatedLine, rec + "\n\x00\x00", "truncated_line! 31 +nul_bytes", "=", rec + "\n"},
	{record.TruncatedLine, `{"ki` + rec, "truncated_line! 6 +glued_records", "=", rec + "\n"},
	{record.TruncatedLine, rec + "\n  ", "truncated_line! +blank_line", "=", rec + "\n"},
	{record.TruncatedLine, "\xff\xfe{\x00", "truncated_line! 0", "truncated_line! 0", ""},

	{record.MissingNewline, rec, "missing_newline! 30", "=", rec + "\n"},
	{record.MissingNewline, `{"kind":"other","timestamp":NaN}`, "missing_newline! 32 +nonstandard_number +unknown_kind +missing_timestamp",
		"missing_newline! 32 +unknown_kind +missing_timestamp", `{"kind":"other","timestamp":NaN}` + "\n"},

	{record.CorruptedLine, `{"kind":"event",}` + "\n", "corrupted_line! 16", "=", ""},
	{record.CorruptedLine, "[1,2]\n" + rec + "\n", "corrupted_line! 0", "=", rec + "\n"},
	{record.CorruptedLine, "Traceback:\r\n", "corrupted_line! 0 +carriage_return", "=", ""},
	{record.CorruptedLine, `{"payload":` + rec + "\n", "corrupted_line! 41", "=", ""},
	{record.CorruptedLine, rec + `,"x":1}` + "\n", "corrupted_line! 30", "=", ""},
	{record.CorruptedLine, rec + `{"kind":"other","timestamp":1}` + "\n", "corrupted_line! 30", "=", ""},

	{record.InvalidUTF8, `{"kind":"event","timestamp":1,"x":"` + "\xff\"}\n", "invalid_utf8! 35", "=", ""},

	{record.NULBytes, rec + "\n\x00\x00\n" + rec + "\n", "nul_bytes! 31", "=", rec + "\n" + rec + "\n"},
	{record.NULBytes, "\x00\x00\x00" + rec + "\n", "nul_bytes! 0", "=", rec + "\n"},
	{record.NULBytes, rec + "\x00" + rec + "\x00" + next + "\r\n", "nul_bytes! 30 +carriage_return", "=", rec + "\n" + next + "\r\n"},

	{record.GluedRecords, `{"kind":"ev` + rec + "\n", "glued_records! 13", "=", rec + "\n"},
	{record.GluedRecords, rec + next + "\n", "glued_records! 30", "=", rec + "\n" + next + "\n"},
	{record.GluedRecords, rec + `{"ki` + "\n", "glued_records! 30", "=", rec + "\n"},
	{record.GluedRecords, `"x"` + rec + "[" + "\n", "glued_records! 3", "=", rec + "\n"},
	{record.GluedRecords, `{"a":{` + rec + "\r\n", "glued_records! 6 +carriage_return", "=", rec + "\r\n"},

	{record.SplitRecord, `{"kind":"event","x":"a` + "\n\n" + `b","timestamp":1}` + "\n" + next + "\n", "split_record! 22", "=", next + "\n"},
	{record.CorruptedLine, `{"kind":"event","x":"a` + "\n" + rec + "\n" + `b","timestamp":1}` + "\n", "corrupted_line! 22; corrupted_line! 54", "=", rec + "\n"},
	{record.CorruptedLine, rec + "\n" + `{"kind":"event","x":"a` + "\n" + `b","timestamp":1}`, "corrupted_line! 53; truncated_line! 54", "=", rec + "\n"},

	{record.ConflictMarker, "<<<<<<< HEAD\n" + rec + "\n=======\n" + next + "\n>>>>>>> feature/x\n", "conflict_marker!; conflict_marker!; conflict_marker!", "=",
		rec + "\n" + next + "\n"},
	{record.ConflictMarker, "||||||||| 1a2b3c4\r\n" + rec + "\n", "conflict_marker! +carriage_return", "=", rec + "\n"},
	{record.TruncatedLine, rec + "\n>>>>>>> x", "truncated_line! +conflict_marker", "=", rec + "\n"},
	{record.CorruptedLine, "<<<<<<<< eight\n" + rec + "\n", "corrupted_line! 0", "=", rec + "\n"},
	{record.CorruptedLine, "======= Started =======\n" + rec + "\n", "corrupted_line! 0", "=", rec + "\n"},
	{record.CorruptedLine, "<<<<<<<HEAD\n" + rec + "\n", "corrupted_line! 0", "=", rec + "\n"},

	{record.NonstandardNumber, `{"kind":"metric","timestamp":1,"value":-Infinity}` + "\n", "nonstandard_number! 39", "", "="},

	{record.OversizedLine, `{"kind":"event","timestamp":1,"x":"` + strings.Repeat("x", 6000) + `"}` + "\n" + rec + "\n", "oversized_line!", "=", rec + "\n"},

	{record.TooDeep, strings.Repeat("[", 60) + "\n", "too_deep! 50", "=", ""},

	{record.MissingKind, `{"timestamp":1}` + "\n", "missing_kind!", "=", "="},
	{record.MissingKind, `{"kind":7,"timestamp":1}` + "\n", "missing_kind! 8", "=", "="},
	{record.MissingKind, `{"Kind":"event"}` + "\n", "missing_kind! +missing_timestamp", "=", "="},

	{record.UnknownKind, `{"kind":"other","timestamp":1}` + "\n", "unknown_kind! 8", "=", "="},

	{record.MissingTimestamp, `{"kind":"event"}` + "\n", "missing_timestamp!", "=", "="},
	{record.MissingTimestamp, `{"kind":"event","timestamp":"1"}` + "\n", "missing_timestamp! 28", "=", "="},
	{record.MissingTimestamp, `{"kind":"event","timestamp":1e999}` + "\n", "missing_timestamp! 28 +unreadable_by_producer", "missing_timestamp! 28", "="},

	{record.TimestampRegression, `{"kind":"event","timestamp":9}` + "\n" + rec + "\n", "timestamp_regression", "=", "="},
	{record.TimestampRegression, `{"kind":"event","timestamp":9}` + "\n" + `{"kind":"x","kind":"event","timestamp":1}` + "\n", "timestamp_regression +duplicate_key", "=", "="},

	{record.FutureTimestamp, `{"kind":"event","timestamp":1710000000123}` + "\n", "future_timestamp 28", "=", "="},

	{record.DuplicateKey, `{"kind":"event","timestamp":1,"kind":"audit"}` + "\n", "duplicate_key 30", "=", "="},
	{record.DuplicateKey, `{"kind":"event","kind":"event",` + "\r" + `"timestamp":1}` + "\n", "duplicate_key 16 +unreadable_by_producer",
		"unreadable_by_producer! 31 +duplicate_key", "="},

	{record.LoneSurrogate, `{"kind":"event","timestamp":1,"x":"\ud83d"}` + "\n", "lone_surrogate 35", "", "="},

	{record.UnreadableByProducer, `{"kind":"event","timestamp":1,"n":` + strings.Repeat("7", 5000) + "}\n", "unreadable_by_producer 34", "unreadable_by_producer! 34", "="},
	{record.UnreadableByProducer, `{"kind":"event",` + "\r" + `"timestamp":1}` + "\n", "unreadable_by_producer 16", "unreadable_by_producer! 16", "="},

	{record.BlankLine, rec + "\n \t\n" + next + "\n", "blank_line", "=", rec + "\n" + next + "\n"},
	{record.BlankLine, "\r\n", "blank_line +carriage_return", "=", ""},
	{record.CorruptedLine, "\u00a0\n", "corrupted_line! 0", "blank_line", ""},

	{record.ByteOrderMark, "\uFEFF" + rec + "\n", "byte_order_mark", "unreadable_by_producer! 0 +byte_order_mark", rec + "\n"},

	{record.CarriageReturn, rec + "\r\n", "carriage_return", "=", "="},
}

// verdicts are the anomalies that a scan finds, in the notation of the
// contract.
func verdicts(t *testing.T, c *record.Checker, log string) string {
	src, err := stream.FromReader("-", strings.NewReader(log))
	require.NoError(t, err)
	r, err := survey.Log(context.Background(), src, survey.Options{Checker: c, MaxSkew: 5 * time.Second, Verbose: true})
	require.NoError(t, err)
	var all []string
	for _, a := range r.Anomalies {
		text := a.Type.String()
		if a.Severity == record.Error {
			text += "!"
		}
		if a.ErrorOffset >= 0 {
			text += fmt.Sprintf(" %d", a.ErrorOffset)
		}
		for _, also := range a.Also {
			text += " +" + also.String()
		}
		require.NotEmpty(t, a.Reason)
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// TestContract is the table of docs/FORMAT.md, seen from outside.
func TestContract(t *testing.T) {
	seen := record.Set(0).With(record.InterruptedRewrite).With(record.RotationGap).With(record.OrphanedRotatedFile).
		With(record.ChangedDuringScan).                                            // these concern no line
		With(record.MissingField).With(record.DuplicateID).With(record.BrokenLink) // and these no record of Papyra's
	for _, tt := range contract {
		seen = seen.With(tt.typ)
		o := record.Options{MaxLineBytes: 5500, Now: clock}
		if tt.typ == record.TooDeep {
			o.MaxDepth = 50
		}
		strict := record.NewChecker(o)
		require.Equal(t, tt.strict, verdicts(t, strict, tt.log), "%.200q", tt.log)
		require.Truef(t, tt.strict == "" || strings.HasPrefix(tt.strict, tt.typ.String()), "%.200q stands under %s", tt.log, tt.typ)
		o.Producer = true
		want := tt.producer
		if want == "=" {
			want = tt.strict
		}
		require.Equal(t, want, verdicts(t, record.NewChecker(o), tt.log), "%.200q for the producer", tt.log)

		want = tt.repaired
		if want == "=" {
			want = tt.log
		}
		out, sum := repaired(t, []byte(tt.log), mend.Options{Checker: strict})
		require.Equal(t, want, out, "%.200q", tt.log)
		require.Equal(t, want != tt.log, sum.Lines > 0)
		// Whatever is left needs more than a repair may do unasked.
		src, err := stream.FromReader("-", strings.NewReader(out))
		require.NoError(t, err)
		r, err := survey.Log(context.Background(), src, survey.Options{Checker: strict, MaxSkew: 5 * time.Second})
		require.NoError(t, err)
		require.Zero(t, r.Faults&new(mend.Options).Changes(), "%.200q", tt.log)
	}
	for _, typ := range record.Types() {
		require.True(t, seen.Has(typ), "the contract has no line on %s", typ)
	}
}
