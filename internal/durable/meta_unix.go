//go:build unix

package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"
)

// CopyMeta copies owner, extended attributes (ACL and security labels are
// among them) and mode, in this order: a change of owner clears bits, and
// the mode may widen only at the very end. What cannot be given is a refusal,
// unless it is there already.
func (f *osFile) CopyMeta(from File) error {
	src, ok := from.(*osFile)
	if !ok {
		return errors.New("copy metadata: not a file of the operating system")
	}
	want, err := src.Stat()
	if err != nil {
		return err
	}
	have, err := f.Stat()
	if err != nil {
		return err
	}
	if have.UID != want.UID || have.GID != want.GID {
		if err := f.Chown(int(want.UID), int(want.GID)); err != nil {
			return fmt.Errorf("keep owner %d:%d: %w", want.UID, want.GID, err)
		}
	}
	if err := copyXattrs(f.File, src.File); err != nil {
		return err
	}
	special := fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	if err := f.Chmod(want.Mode & (fs.ModePerm | special)); err != nil {
		return fmt.Errorf("keep mode %v: %w", want.Mode, err)
	}
	got, err := f.Stat()
	if err != nil {
		return err
	}
	if got.Mode != want.Mode || got.UID != want.UID || got.GID != want.GID {
		return fmt.Errorf("keep mode and owner: they are %v %d:%d instead of %v %d:%d",
			got.Mode, got.UID, got.GID, want.Mode, want.UID, want.GID)
	}
	return nil
}

func copyXattrs(dst, src *os.File) error {
	names, err := xattr.FList(src)
	if unsupportedXattr(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list extended attributes: %w", err)
	}
	mine, err := xattr.FList(dst)
	if err != nil {
		return fmt.Errorf("list extended attributes: %w", err)
	}
	// A default ACL of the directory gives the new file entries that the log
	// has not.
	for _, name := range mine {
		if !slices.Contains(names, name) && name != "security.selinux" {
			if err := xattr.FRemove(dst, name); err != nil {
				return fmt.Errorf("remove extended attribute %s: %w", name, err)
			}
		}
	}
	for _, name := range names {
		value, err := xattr.FGet(src, name)
		if err != nil {
			return fmt.Errorf("read extended attribute %s: %w", name, err)
		}
		if now, err := xattr.FGet(dst, name); err == nil && bytes.Equal(now, value) {
			continue
		}
		if err := xattr.FSet(dst, name, value); err != nil {
			return fmt.Errorf("keep extended attribute %s: %w", name, err)
		}
	}
	return nil
}

func unsupportedXattr(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS)
}
