package record_test

import (
	"fmt"

	"github.com/papyra-tools/papyra/pkg/record"
)

func ExampleChecker_Check() {
	c := record.NewChecker(record.Options{})
	for _, line := range []string{
		`{"kind": "event", "timestamp": 1710000000.5}`,
		`{"kind": "metric", "timestamp": 1710000001, "value": NaN}`,
		`{"kind": "event", "timestamp": 17100000`,
	} {
		r := c.Check([]byte(line), 0)
		fmt.Printf("%s: record %v, kind %q, reason %q\n", r.Fault, r.IsRecord(), r.Kind, r.Explain([]byte(line)))
	}
	// Output:
	// none: record true, kind "event", reason ""
	// nonstandard_number: record true, kind "metric", reason "NaN and Infinity are not JSON numbers"
	// corrupted_line: record false, kind "", reason "the text ends too early"
}

func ExampleChecker_Salvage() {
	line := []byte(`{"kind": "event", "timest{"kind": "audit", "timestamp": 1710000000}`)
	c := record.NewChecker(record.Options{})
	fmt.Println(c.Check(line, 0).Explain(line))
	for _, s := range c.Salvage(line, 0) {
		fmt.Printf("%s\n", line[s.Start:s.End])
	}
	// Output:
	// a torn fragment is glued to a whole record
	// {"kind": "audit", "timestamp": 1710000000}
}

func ExampleVerdict_With() {
	c := record.NewChecker(record.Options{})
	var last float64
	for _, line := range []string{`{"kind": "event", "timestamp": 60}`, `{"kind": "event", "timestamp": 50}`} {
		r := c.Check([]byte(line), 0)
		if r.HasTimestamp && r.Timestamp < last-5 {
			r.Verdict = r.With(record.TimestampRegression)
		}
		last = r.Timestamp
		fmt.Println(r.Fault)
	}
	// Output:
	// none
	// timestamp_regression
}

func ExampleType_Info() {
	info := record.MissingNewline.Info()
	fmt.Println(info.Severity, "-", info.What)
	fmt.Println("Cause:", info.Cause)
	fmt.Println("Repair:", info.Remedy)
	// Output:
	// error - The last record is complete, but its newline is missing.
	// Cause: the writer was killed, or the disk was full, just before the last byte; or an editor saved the file
	// Repair: keeps the record and adds the newline
}
