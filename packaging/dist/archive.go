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

// adder writes an entry of an archive.
type adder func(name string, mode fs.FileMode, data []byte) error

// archive packs the files below root, in the order of their names, into one
// folder of an archive: a zip file, or else a compressed tar file.
func (r *release) archive(root, name, suffix string) (err error) {
	file, err := os.Create(filepath.Join(r.out, name+suffix))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r.made = append(r.made, name+suffix)
	pack := tarred
	if suffix == ".zip" {
		pack = zipped
	}
	add, end := pack(file, r.time)
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
		return add(path.Join(name, filepath.ToSlash(within)), mode, data)
	})
	return errors.Join(err, end())
}

func tarred(w io.Writer, at time.Time) (add adder, end func() error) {
	gz, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // which is a level
	tw := tar.NewWriter(gz)
	return func(name string, mode fs.FileMode, data []byte) error {
		head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: int64(len(data)), ModTime: at, Uname: "root", Gname: "root", Format: tar.FormatUSTAR}
		if err := tw.WriteHeader(head); err != nil {
			return err
		}
		_, err := tw.Write(data)
		return err
	}, func() error { return errors.Join(tw.Close(), gz.Close()) }
}

func zipped(w io.Writer, at time.Time) (add adder, end func() error) {
	zw := zip.NewWriter(w)
	return func(name string, mode fs.FileMode, data []byte) error {
		head := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
		head.SetMode(mode)
		entry, err := zw.CreateHeader(head)
		if err != nil {
			return err
		}
		_, err = entry.Write(data)
		return err
	}, zw.Close
}
