//go:build !linux

package durable

import (
	"fmt"
	"runtime"
)

func (osFS) KeepsLeases(string) error {
	return fmt.Errorf("%w: %s has none", ErrNoLease, runtime.GOOS)
}

func (osFS) Place(path string) (Place, error) { return placeByName(path, 0) }

func (osFS) Holders(Info) []Holder { return nil }

func (osFS) Mounts(string) ([]Mount, int, error) { return nil, 0, nil }

func (osFS) Life(string) string { return "" }

func (f *osFile) SetLease(Lease) error {
	return fmt.Errorf("%w: %s has none", ErrNoLease, runtime.GOOS)
}

func (f *osFile) Unlease() (bool, error) { return false, nil }

func (f *osFile) Lease() (Lease, error) { return NoLease, nil }

func (f *osFile) CopyFrom(src File, srcOff, off, n int64) (int64, error) {
	return copyBytes(f, src, srcOff, off, n)
}

func (f *osFile) Reserve(n int64) (off, got int64, err error) {
	off, put, err := f.Append(make([]byte, n))
	if err == nil && int64(put) < n {
		err = fmt.Errorf("reserve %d bytes in %s: short write", n, f.Name())
	}
	return off, int64(put), err
}
