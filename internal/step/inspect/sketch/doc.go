// Package sketch holds the summaries that inspect keeps of a log: each has a
// fixed bound on its memory whatever the log holds, and says how wrong it may
// be. All of them can be filled block by block on several cores and put
// together in file order, without an allocation per record.
package sketch
