package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// capture runs the tool and copies its standard output to w.
func (t tool) capture(stdin io.Reader, w io.Writer) error {
	cmd := exec.Command(t.args[0], t.args[1:]...)
	cmd.Stdin, cmd.Stdout = stdin, w
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s: %w", t.name, err)
	}
	return nil
}

// countLines counts newlines a block at a time: the benchmark itself must stay
// small.
func countLines(path string) (n int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for {
		k, err := f.Read(block)
		n += int64(bytes.Count(block[:k], []byte("\n")))
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// write makes a log.
func write(path string, o gen.Options) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = gen.Generate(f, o, nil)
	return errors.Join(err, f.Close())
}
