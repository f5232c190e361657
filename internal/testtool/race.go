//go:build race

package testtool

// Race says that the race detector watches: it empties pools at random, so that
// allocations cannot be counted.
const Race = true
