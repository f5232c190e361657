// Package record tells what one line of a log means: whether it is a healthy
// record, what is wrong with it if not, and which whole records can be saved
// from a damaged line.
//
// A log is an append-only NDJSON file: one JSON object a line, in UTF-8, each
// line ended by a newline. A record needs a "kind", a string, and a
// "timestamp", a finite number of Unix seconds; all other members are the
// producer's own and are not looked at.
//
// The check never decodes a record into Go values and nothing here encodes
// one: records are passed on as the bytes that were found.
package record
