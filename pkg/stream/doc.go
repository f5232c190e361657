// Package stream moves the lines of a log from where they are stored to
// whoever looks at them, in bounded memory whatever the input is.
//
// A [Log] is a file, standard input, the text in a gzip or zstd file, or a
// rotated set of such files. [Forward] walks it from its start and [Backward]
// from its end: lines are cut out, checked once on all cores, and brought
// before every [Visitor] in the order of the walk. The walk also decides about
// the last line, which a writer may be in the middle of, passes over holes, and
// verifies at its end that the log did not change other than by growing.
//
// Two things that no buffer could hold are lines all the same: of a long run of
// NUL bytes a line has only the first 4 KiB, and a line longer than the limit
// comes without its text, which passes by in pieces.
package stream
