package jsonscan

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// MaxFields is how many members one scan can look for.
const MaxFields = 8

// maxQuickName is the longest name of a member that Lines looks for.
const maxQuickName = 60

// MaxPath is how many names a path may have.
const MaxPath = 4

// Fields are the members that a scan looks for. It is immutable and may be used
// by any number of goroutines at once.
type Fields struct {
	paths [][]string
	// lengths tells for each level of nesting how long the wanted names are
	// there, one bit a length; the highest stands for all that are longer. It
	// spares most keys the comparison.
	lengths [MaxPath]uint64
	all     uint8    // one bit a field
	quick   bool     // Lines can look for all of them
	values  int      // how many of them have their values looked at
	sizes   []uint64 // how far the quotes of the names are apart
	tails   []tail
	sieve   *sieve    // nil if the names' last bytes do not tell them apart
	inner   []*Fields // of paths: what they look for in the member they lead into
}

// Compile returns the fields of the given names, at most MaxFields. A name is
// that of a top-level member, or, if it starts with a slash, a JSON pointer
// (RFC 6901) of at most four names, which leads through objects only. Names are
// matched exactly; in the text they may be spelt with escapes.
func Compile(names ...string) (*Fields, error) {
	if len(names) > MaxFields {
		return nil, fmt.Errorf("compile fields: %d are more than %d", len(names), MaxFields)
	}
	f := &Fields{quick: true, values: len(names)}
	for i, name := range names {
		path, err := Split(name)
		if err != nil {
			return nil, fmt.Errorf("compile field %q: %w", name, err)
		}
		f.paths = append(f.paths, path)
		f.all |= 1 << i
		f.quick = f.quick && len(path[0]) <= maxQuickName
		if size := uint64(len(path[0]) + 1); !slices.Contains(f.sizes, size) {
			f.sizes = append(f.sizes, size)
		}
		f.tails = append(f.tails, newTail(path[0]))
		f.inner = append(f.inner, nil)
		if len(path) > 1 {
			f.inner[i], _ = Compile(pointer(path[1:]))
		}
		for level, part := range path {
			f.lengths[level] |= lengthBit(len(part))
		}
	}
	f.sieve = newSieve(f.tails)
	return f, nil
}

// Values returns the same fields, of which only the values of the first n
// matter: of others Lines may tell no more than that they are there.
func (f *Fields) Values(n int) *Fields {
	some := *f
	some.values = n
	return &some
}

// MustCompile is Compile for names that are known to be good. It panics on
// others.
func MustCompile(names ...string) *Fields {
	f, err := Compile(names...)
	if err != nil {
		panic(err)
	}
	return f
}

// Split takes a name, as Compile accepts it, apart into the keys that lead to
// the member.
func Split(name string) ([]string, error) {
	if !strings.HasPrefix(name, "/") {
		return []string{name}, nil
	}
	path := strings.Split(name[1:], "/")
	if len(path) > MaxPath {
		return nil, fmt.Errorf("the path has %d keys, at most %d are allowed", len(path), MaxPath)
	}
	for i, part := range path {
		plain := strings.NewReplacer("~0", "", "~1", "").Replace(part)
		if strings.Contains(plain, "~") {
			return nil, errors.New(`in a path, "~" is written "~0", and "/" inside of a key "~1"`)
		}
		path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return slices.Clip(path), nil
}

// pointer is the inverse of Split.
func pointer(path []string) string {
	var b strings.Builder
	for _, part := range path {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
	}
	return b.String()
}

// tail is the end of a name with a quote in front, its last eight bytes, as the
// high bytes of a number.
type tail struct{ want, mask uint64 }

func newTail(name string) tail {
	var t tail
	quoted := `"` + name
	for _, c := range []byte(quoted[max(0, len(quoted)-8):]) {
		t.want = t.want>>8 | uint64(c)<<56
		t.mask = t.mask>>8 | 0xFF<<56
	}
	return t
}

// sieve tells by the last two bytes of a key, the quote in front of it
// included, which field alone it can be.
type sieve struct {
	factor uint64
	of     [64]uint8
	tails  [MaxFields]tail
}

// slot is where in of the eight bytes that end with a key belong.
func (s *sieve) slot(before uint64) uint64 { return (before >> 48) * s.factor >> 58 }

// newSieve looks for a factor that gives each field a slot of its own.
func newSieve(tails []tail) *sieve {
	s := &sieve{}
	copy(s.tails[:], tails)
	for try := uint64(1); try < 1000; try++ {
		s.factor = try * 0x9E3779B97F4A7C15
		taken := uint64(0)
		for n, t := range tails {
			slot := s.slot(t.want)
			if t.mask>>48 != 0xFFFF || taken>>slot&1 != 0 {
				break
			}
			taken |= 1 << slot
			s.of[slot] = uint8(n)
		}
		if bits.OnesCount64(taken) == len(tails) {
			return s
		}
	}
	return nil
}

func lengthBit(n int) uint64 { return 1 << min(n, 63) }

// match sorts the fields in among, whose paths agree with the text down to the
// level above: whole are those that end with the key, deeper those that go on.
func (f *Fields) match(key []byte, level int, among uint8) (whole, deeper uint8) {
	for n, path := range f.paths {
		if among>>n&1 == 0 || level >= len(path) || path[level] != string(key) {
			continue
		}
		if level == len(path)-1 {
			whole |= 1 << n
		} else {
			deeper |= 1 << n
		}
	}
	return whole, deeper
}
