package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Place walks to the directory of an output, name by name, and holds each while
// it looks: what is looked at is what is gone through, whoever moves names
// about.
func (osFS) Place(path string) (Place, error) {
	w := &placeWalk{dir: -1, rest: names(path)}
	start := "."
	if filepath.IsAbs(path) {
		start = "/"
	}
	err := w.enter(unix.AT_FDCWD, start)
	for done := false; err == nil && !done; {
		done, err = w.step()
	}
	if err == nil {
		return w.place(path)
	}
	w.leave()
	return Place{}, err
}

type placeWalk struct {
	dir   int      // what is open, of which the rest is the way
	rest  []string // never empty
	links int
	named bool // the last name of the path was a link
	pipe  bool
}

// names are the parts of a path; "." if it has none.
func names(path string) []string {
	var parts []string
	for _, part := range strings.Split(path, "/") {
		if part != "" && part != "." {
			parts = append(parts, part)
		}
	}
	if parts == nil {
		return []string{"."}
	}
	return parts
}

func (w *placeWalk) leave() {
	if w.dir >= 0 {
		_ = unix.Close(w.dir)
	}
}

// enter goes on in a directory, which is no link.
func (w *placeWalk) enter(at int, name string) error {
	dir, err := unix.Openat(at, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	w.leave()
	w.dir = dir
	return nil
}

// step takes the next name. It is done at the last one.
func (w *placeWalk) step() (done bool, err error) {
	var st unix.Stat_t
	name, last := w.rest[0], len(w.rest) == 1
	err = unix.Fstatat(w.dir, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case errors.Is(err, unix.ENOENT) && last && w.named:
		return false, errNowhere
	case errors.Is(err, unix.ENOENT) && last:
		return true, nil
	case err != nil:
		return false, err
	case st.Mode&unix.S_IFMT == unix.S_IFLNK:
		return w.follow(name, last)
	case last:
		return true, nil
	}
	w.rest = w.rest[1:]
	return false, w.enter(w.dir, name)
}

// follow goes where a link leads.
func (w *placeWalk) follow(name string, last bool) (done bool, err error) {
	others, _, err := w.shared()
	if err != nil {
		return false, err
	}
	if others {
		return false, errPlanted
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(w.dir, name, buf)
	if err != nil {
		return false, err
	}
	to := string(buf[:n])
	var on unix.Statfs_t
	if last && !filepath.IsAbs(to) && unix.Fstatfs(w.dir, &on) == nil && on.Type == unix.PROC_SUPER_MAGIC {
		w.pipe = true // pipe:[123], which only the kernel can follow
		return true, nil
	}
	w.named = w.named || last
	if w.links++; w.links > maxLinks {
		return false, unix.ELOOP
	}
	w.rest = append(names(to), w.rest[1:]...)
	if filepath.IsAbs(to) {
		return false, w.enter(unix.AT_FDCWD, "/")
	}
	return false, nil
}

func (w *placeWalk) shared() (others bool, owner uint32, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(w.dir, &st); err != nil {
		return false, 0, err
	}
	return shared(Info{UID: st.Uid, Mode: os.FileMode(st.Mode & 0o777)}), st.Uid, nil
}

// place is where the walk ended.
func (w *placeWalk) place(path string) (Place, error) {
	dir, name := fmt.Sprintf("/proc/self/fd/%d", w.dir), w.rest[0]
	real, err := os.Readlink(dir)
	if err != nil { // no /proc
		w.leave()
		return placeByName(path, 0)
	}
	p := Place{Path: filepath.Join(real, name), At: dir + "/" + name, Stream: w.pipe, close: w.leave}
	if p.Shared, p.Owner, err = w.shared(); err != nil {
		w.leave()
	}
	return p, err
}
