//go:build !windows

package durable

// closeBeforeRename: an open file can be replaced, and goes on being readable.
const closeBeforeRename = false
