//go:build !unix

package cli

import "io/fs"

// trusted cannot tell here who may write to a file.
func trusted(fs.FileInfo) error { return nil }
