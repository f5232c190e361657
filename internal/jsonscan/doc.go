// Package jsonscan is the JSON grammar: bytes in, "well formed" and the places
// of the wanted members out. It knows nothing of what a record is.
//
// There are two ways through a text. [Fields.Scan] is the portable one: it
// walks byte by byte, says why and where a text is refused, and notes what is
// odd about a text that is not. [Lines] looks at 64 bytes at a time and knows
// only what is healthy and plainly laid out. It never accepts what Scan refuses,
// and what it reports is what Scan would; where it gives up, Scan has to look.
//
// Lines learns how the lines that it accepts are laid out. A line that is laid
// out as an earlier one is not taken apart again: it is held against what they
// have in common, and only its values are looked at; see shapes.
//
// Neither allocates, except for a text that nests deeper than 1,024 levels.
package jsonscan
