// Command dist builds a release: an archive for each platform, a bill of
// materials and the checksums of all.
//
//	make dist VERSION=1.2.3
//
// What it writes depends on the commit, the version and the Go release only:
// entries are sorted and belong to nobody, and their time is that of the commit
// (SOURCE_DATE_EPOCH).
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is what is built.
type release struct {
	version, out string
	time         time.Time
	made         []string // names of files in out
}

func main() {
	var r release
	flag.StringVar(&r.version, "version", "", "version, such as 1.2.3")
	flag.StringVar(&r.out, "out", "dist", "directory to write to")
	platforms := flag.String("platforms", "", "GOOS/GOARCH, separated by spaces")
	flag.Parse()
	epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	switch {
	case r.version == "" || strings.Trim(r.version, "0123456789abcdefghijklmnopqrstuvwxyz.-+~") != "":
		err = fmt.Errorf("bad version %q: want something like 1.2.3", r.version)
	case err != nil:
		err = fmt.Errorf("read SOURCE_DATE_EPOCH: %w", err)
	default:
		r.time = time.Unix(epoch, 0).UTC()
		err = r.build(strings.Fields(*platforms))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func (r *release) build(platforms []string) error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	bill := bill{r, map[string]component{}}
	for _, p := range platforms {
		goos, goarch, ok := strings.Cut(p, "/")
		if !ok {
			return fmt.Errorf("bad platform %q: want GOOS/GOARCH", p)
		}
		if err := r.platform(goos, goarch, &bill); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	name := "papyra-tools_" + r.version + ".cdx.json"
	if err := bill.write(filepath.Join(r.out, name)); err != nil {
		return err
	}
	r.made = append(r.made, name)
	return r.checksums()
}

// platform writes the archive of one platform: what make install brings, and
// what is to be read.
func (r *release) platform(goos, goarch string, bill *bill) error {
	stage, err := os.MkdirTemp("", "papyra-dist.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	root := filepath.Join(stage, "root")
	cmd := exec.Command("make", "--no-print-directory", "-s", "install", "BIN="+filepath.Join(stage, "bin"), "DESTDIR="+root, "PREFIX=", "VERSION="+r.version)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "GOFLAGS="+os.Getenv("GOFLAGS")+" -buildvcs=false")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	for _, name := range []string{"README.md", "LICENSE", "CHANGELOG.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, name), text, 0o644); err != nil {
			return err
		}
	}
	if err := bill.add(filepath.Join(root, "bin")); err != nil {
		return err
	}
	name := "papyra-tools_" + r.version + "_" + goos + "_" + goarch
	suffix := ".tar.gz"
	if goos == "windows" {
		suffix = ".zip"
	}
	return r.archive(root, name, suffix)
}

// checksums sums up what this run has made and the Debian packages of the
// version. Whatever else lies in the directory, an archive of an earlier run
// included, is no part of the release.
func (r *release) checksums() error {
	packages, err := filepath.Glob(filepath.Join(r.out, "papyra-tools_"+r.version+"_*.deb"))
	if err != nil {
		return err
	}
	for _, path := range packages {
		r.made = append(r.made, filepath.Base(path))
	}
	slices.Sort(r.made)
	var sums strings.Builder
	for _, name := range r.made {
		data, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), name)
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
