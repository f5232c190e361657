// Mktestdata writes testdata/logs, testdata/profiles, testdata/corpus and the
// table about them, testdata/README.md. Run it by `make testdata`.
//
//	go run ./scripts/mktestdata [DIRECTORY]
//
// The same bytes come out every time; only what the compressors write may
// differ between their versions.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	dir := "testdata"
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := write(dir); err != nil {
		fmt.Fprintln(os.Stderr, "mktestdata:", err)
		os.Exit(1)
	}
}

// write makes dir/logs and dir/README.md.
func write(dir string) error {
	files, err := logs()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := put(filepath.Join(dir, "logs", f.name), f.data); err != nil {
			return err
		}
		if f.truth != nil {
			if err := put(filepath.Join(dir, "logs", truthName(f.name)), f.truth); err != nil {
				return err
			}
		}
	}
	for name, data := range profileSamples() {
		if err := put(filepath.Join(dir, "profiles", name+".ndjson"), data); err != nil {
			return err
		}
	}
	torn, err := corpusFiles()
	if err != nil {
		return err
	}
	for name, data := range torn {
		if err := put(filepath.Join(dir, "corpus", name), data); err != nil {
			return err
		}
	}
	return put(filepath.Join(dir, "README.md"), readme(files))
}

func put(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// truthName is the file with the truth about the log called name.
func truthName(name string) string { return strings.TrimSuffix(name, ".ndjson") + ".truth.ndjson" }

func readme(files []file) []byte {
	var b strings.Builder
	b.WriteString(`# Test data

` + "`logs`" + ` holds small logs, healthy and damaged. ` + "`make testdata`" + ` writes them and this table; a test fails if they
differ from what it would write. Where a ` + "`.truth.ndjson`" + ` file stands beside a log, it has one line for each damaged line:
the type that reports name, the form of the damage, line number, offset and length in bytes without the newline, and
the ranges of bytes that a repair keeps.

` + "`profiles`" + ` holds a healthy sample for each of the profiles that the tools know, in the layout of its producer. They are made up, and
hold what is hard to read: escapes, other alphabets, text that looks like a record.

` + "`corpus`" + ` is for others too: torn logs, and what is whole in each; see [its page](corpus/README.md).

` + "`script`" + ` holds whole-program tests, one folder a step, in txtar.

| log | what is wrong with it |
|---|---|
`)
	for _, f := range files {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.name, f.word)
	}
	return []byte(b.String())
}
