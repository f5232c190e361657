//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// trusted refuses a settings file that others could have written.
func trusted(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return errors.New("belongs to another user")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return errors.New("can be written to by others (chmod go-w)")
	}
	return nil
}
