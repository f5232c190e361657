package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// packer writes the entries of an archive.
type packer interface {
	add(name string, mode fs.FileMode, data []byte) error
	io.Closer
}

// archive packs the files below root, in the order of their names, into one
// folder.
func (r *release) archive(root, name, suffix string, to func(io.Writer, time.Time) (packer, error)) (err error) {
	file, err := os.Create(filepath.Join(r.out, name+suffix))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r.made = append(r.made, name+suffix)
	p, err := to(file, r.time)
	if err != nil {
		return err
	}
	err = filepath.WalkDir(root, func(from string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		within, err := filepath.Rel(root, from)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if filepath.Dir(within) == "bin" {
			mode = 0o755
		}
		return p.add(path.Join(name, filepath.ToSlash(within)), mode, data)
	})
	return errors.Join(err, p.Close())
}

type tarball struct {
	gz   *gzip.Writer
	tw   *tar.Writer
	time time.Time
}

func tarred(w io.Writer, at time.Time) (packer, error) {
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	return &tarball{gz, tar.NewWriter(gz), at}, nil
}

func (t *tarball) add(name string, mode fs.FileMode, data []byte) error {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: int64(len(data)), ModTime: t.time, Uname: "root", Gname: "root", Format: tar.FormatUSTAR}
	if err := t.tw.WriteHeader(head); err != nil {
		return err
	}
	_, err := t.tw.Write(data)
	return err
}

func (t *tarball) Close() error { return errors.Join(t.tw.Close(), t.gz.Close()) }

type zipfile struct {
	*zip.Writer
	time time.Time
}

func zipped(w io.Writer, at time.Time) (packer, error) { return &zipfile{zip.NewWriter(w), at}, nil }

func (z *zipfile) add(name string, mode fs.FileMode, data []byte) error {
	head := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.time}
	head.SetMode(mode)
	w, err := z.CreateHeader(head)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
