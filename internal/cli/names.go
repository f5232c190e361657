package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
)

// maxNameBytes is the longest name in a --files-from list; longer ones are no path on any system.
const maxNameBytes = 1 << 16

// readNames reads a list of paths. Empty lines are skipped, as is a carriage return at the end of a line; with null, names are
// taken as they are.
func readNames(env *Env, file string, null bool) ([]string, error) {
	var r io.Reader = env.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read list of logs: %w", err)
		}
		defer f.Close()
		r = f
	}
	if r == nil {
		return nil, Usagef("read list of logs: no standard input")
	}
	end := byte('\n')
	if null {
		end = 0
	}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxNameBytes)
	scan.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, end); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	var names []string
	for scan.Scan() {
		name := scan.Bytes()
		if !null {
			name = bytes.TrimSuffix(name, []byte("\r"))
		}
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("read list of logs from %s: %w", file, err)
	}
	return names, nil
}
