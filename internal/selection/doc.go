// Package selection finds the records of a log that stay by a retention policy
// and match what was asked for, and prints them as the bytes that they are.
//
// Retention applies to the whole log first: by age, count and size. Of what it
// leaves, the fields are looked at; of the records that match, the newest ones
// up to a limit are selected.
//
// How a log is read depends on what has to be known:
//
//   - Age and fields are questions to one record alone: one pass, on all cores.
//   - Count, size and the limit are questions to how much is newer. A file is
//     read from its end until they are answered, and what is older is never
//     looked at. What they come to is one offset: where the selection starts.
//   - A stream is read once. What may have to be printed is held, in memory up
//     to a bound and in an unlinked temporary file beyond.
//
// # Lines that are no records
//
// A damaged or blank line has no age and no fields. Where such lines are
// wanted, one of them stays if the next record after it survives retention, or
// if none follows, unless it stands before the oldest selected record's
// predecessor. So a damaged line keeps its place in front of the record that it
// stood before.
//
// An unterminated last line that is a whole record is a record like others. One
// that is not may still be growing; it is never selected.
package selection
