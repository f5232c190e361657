package selection

import (
	"io"
	"os"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// holeEnd is stream.HoleEnd for what may be no file.
func holeEnd(r io.ReaderAt, off, size int64) int64 {
	f, ok := r.(*os.File)
	if s, held := r.(interface{ File() *os.File }); held {
		f, ok = s.File(), s.File() != nil
	}
	if !ok {
		return off
	}
	return stream.HoleEnd(f, off, size)
}
