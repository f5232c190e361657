//go:build !unix

package cli

import "io/fs"

const nonBlock = 0

// trusted cannot tell here who may write to a file.
func trusted(fs.FileInfo) error { return nil }
