package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"iter"

	"github.com/papyra-tools/papyra/internal/opening"
)

// maxNameBytes is the longest name in a --files-from list; longer ones are no
// path on any system.
const maxNameBytes = 1 << 16

// listedNames are the paths in a list. Empty lines are skipped, as is a
// carriage return at the end of a line; with null, names are taken as they are.
func listedNames(env *Env, file string, null bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		r := env.Stdin
		if file != "-" {
			f, err := opening.Read(env.Ctx, file)
			if err != nil {
				yield("", fmt.Errorf("read list of logs: %w", err))
				return
			}
			defer f.Close()
			r = f
		}
		if r == nil {
			yield("", Usagef("read list of logs: no standard input"))
			return
		}
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, maxNameBytes)
		if null {
			scan.Split(scanNames)
		}
		for scan.Scan() {
			if err := env.Ctx.Err(); err != nil { // a list may never end, and be without a name
				yield("", err)
				return
			}
			if name := scan.Text(); name != "" && !yield(name, nil) {
				return
			}
		}
		if err := scan.Err(); err != nil {
			yield("", fmt.Errorf("read list of logs from %s: %w", file, err))
		}
	}
}

// scanNames is [bufio.ScanLines] for names that end with a NUL byte.
func scanNames(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
