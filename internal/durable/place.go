package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Place is where an output goes: its name, with links followed only where
// nobody else can have planted them.
type Place struct {
	Path string // the name, without a link in it
	// At is a name of the same that goes on meaning that directory, whatever
	// becomes of Path, until the place is closed.
	At     string
	Shared bool   // others can make and move names in the directory
	Owner  uint32 // of the directory
	Stream bool   // it is a stream that this process has open, as /dev/stdout may be

	close func()
}

// Close lets the directory go.
func (p *Place) Close() {
	if p.close != nil {
		p.close()
	}
}

// maxLinks is how many links are followed on the way to one place, as in Linux.
const maxLinks = 40

var (
	errPlanted = errors.New("it leads through a symbolic link in a directory that others can write to")
	errNowhere = errors.New("it is a symbolic link to nothing")
)

// shared reports whether others than root and this user decide what names are
// in a directory.
func shared(dir Info) bool {
	me := os.Geteuid()
	return me >= 0 && (dir.UID != 0 && dir.UID != uint32(me) || dir.Mode.Perm()&0o022 != 0)
}

// look tells what is at the place. It refuses what somebody else put there, in
// a directory that is not theirs alone: what replaces a file keeps its owner.
func (p *Place) look(info Info, err error) (exists bool, _ error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, bare(err)
	case !info.Mode.IsRegular():
		return true, errors.New("it is not a regular file")
	case p.Shared && info.UID != 0 && info.UID != uint32(os.Geteuid()) && info.UID != p.Owner:
		return true, errors.New("it belongs to somebody else, in a directory that others can write to")
	}
	return true, nil
}

// placeByName finds a place where directories cannot be held: what the names on
// the way mean may change before it is used.
func placeByName(path string, links int) (Place, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return Place{}, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return Place{}, err
	}
	name := filepath.Join(dir, filepath.Base(path))
	p := Place{Path: name, At: name, Shared: shared(infoOf(info)), Owner: infoOf(info).UID}
	target, err := os.Readlink(name)
	switch {
	case err != nil:
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) && links > 0 {
			return Place{}, errNowhere
		}
		return p, nil
	case p.Shared:
		return Place{}, errPlanted
	case links == maxLinks:
		return Place{}, errors.New("it is a symbolic link that leads in a circle")
	case !filepath.IsAbs(target):
		target = filepath.Join(dir, target)
	}
	return placeByName(target, links+1)
}

// bare returns what is wrong without the name of a file, which whoever asked
// puts before it.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// placed is Place for outputs of which the name is all that is needed.
func placed(fsys FS, path string) (string, error) {
	p, err := fsys.Place(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, bare(err))
	}
	p.Close()
	return p.Path, nil
}
