// Package stream moves the lines of a log from a source to whoever looks at
// them, in bounded memory whatever the input is.
//
// A [Source] is a file, standard input, or what stands in a gzip or zstd file.
// A [Reader] cuts it into blocks of whole lines. [Each] has the blocks worked
// on by all cores and hands the results back in file order. A [Backward]
// reads blocks from the end of a file.
//
// Two things that no buffer could hold are blocks of their own: a line longer
// than the limit, and a long run of NUL bytes.
package stream
