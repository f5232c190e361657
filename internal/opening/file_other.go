//go:build !windows

package opening

import (
	"io/fs"
	"os"
)

// File is os.OpenFile.
func File(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
