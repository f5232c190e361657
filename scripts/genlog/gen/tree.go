package gen

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// TreeOptions say what tree of transcripts to make.
type TreeOptions struct {
	Seed  uint64
	Files int
	// Bytes is about how much the files have together.
	Bytes int64
	// Damage says how many lines of the whole tree are damaged, by a name of
	// TreeDamageNames.
	Damage map[string]int
}

// DefaultTreeDamage is the damage that users report of such trees, in the
// proportions in which they do, for so many files: of 10,949 files, 21 splices,
// 6 runs of NUL bytes and 3 missing newlines; and of what was not counted there
// a few.
func DefaultTreeDamage(files int) map[string]int {
	all := map[string]int{"splice": 21, "nul_bytes": 6, "missing_newline": 3, "lost_newline": 5, "split_record": 5, "fragment": 5,
		"truncated_line": 3, "duplicate_id": 5, "broken_link": 5}
	for name, n := range all {
		all[name] = max(1, n*files/10949)
	}
	return all
}

// treeDamage writes one damaged line, or record; it returns what reports call
// it, and which records a repair keeps.
type treeDamage struct {
	name, typ string
	tail      bool // the file ends with it
	write     func(*transcript) []Range
}

func treeDamages() []treeDamage {
	return []treeDamage{
		{"splice", "glued_records", false, func(t *transcript) []Range {
			t.cut()
			return t.whole()
		}},
		{"lost_newline", "glued_records", false, func(t *transcript) []Range {
			return append(t.whole(), t.whole()...)
		}},
		{"nul_bytes", "nul_bytes", false, func(t *transcript) []Range {
			t.buf = append(t.buf, make([]byte, t.r.between(1, 8)*512)...)
			return t.whole()
		}},
		{"fragment", "corrupted_line", false, func(t *transcript) []Range {
			t.cut()
			return nil
		}},
		{"split_record", "split_record", false, func(t *transcript) []Range {
			t.content = func() { t.text(t.r.between(3, 12), "\n") }
			t.record("user")
			return nil
		}},
		{"duplicate_id", "duplicate_id", false, func(t *transcript) []Range {
			t.id = cmp.Or(t.parent, t.id)
			return t.whole()
		}},
		{"broken_link", "broken_link", false, func(t *transcript) []Range {
			t.parent = t.uuid()
			return t.whole()
		}},
		{"missing_newline", "missing_newline", true, (*transcript).whole},
		{"truncated_line", "truncated_line", true, func(t *transcript) []Range {
			t.cut()
			return nil
		}},
	}
}

// TreeDamageNames returns the names that TreeOptions.Damage takes.
func TreeDamageNames() (names []string) {
	for _, d := range treeDamages() {
		names = append(names, d.name)
	}
	return names
}

// Tree makes a tree of transcripts in dir, which must not exist, as coding
// agents keep them: a folder a project, a file a conversation, most of them
// small, some of them large and nearly all of one kind. What was damaged is
// handed to found, with the slash-separated path below dir. The same options
// give the same bytes.
func Tree(dir string, o TreeOptions, found func(Finding) error) (sum Summary, err error) {
	dues, err := treePlan(o)
	if err != nil {
		return sum, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return sum, err
	}
	r := newRandom(o.Seed)
	for i := range o.Files {
		t := &transcript{r: newRandom(o.Seed<<20 + uint64(i)), micros: DefaultStart * 1e6}
		t.id, t.session = t.uuid(), t.uuid()
		path := fmt.Sprintf("project-%03d/%s.jsonl", r.intn(max(o.Files/50, 1)), t.session)
		// Sizes from a quarter of the mean to seven quarters, but one file in
		// fifty has as much as ten, nearly all of it of one kind.
		size := o.Bytes / int64(o.Files) * int64(r.between(20, 140)) / 100
		if t.noisy = i%50 == 49; t.noisy {
			size *= 10
		}
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return sum, err
		}
		f, err := os.Create(name)
		if err != nil {
			return sum, err
		}
		t.w = bufio.NewWriterSize(f, 256<<10)
		err = t.write(size, dues[i], func(f Finding) error {
			f.Path = path
			return found(f)
		})
		if err = cmp.Or(err, t.w.Flush(), f.Close()); err != nil {
			return sum, fmt.Errorf("write %s: %w", path, err)
		}
		sum.Lines += t.line
		sum.Bytes += t.offset
		sum.Damaged += int64(len(dues[i]))
	}
	return sum, nil
}

// treePlan deals the damage out to the files; each ends with one tail at most.
func treePlan(o TreeOptions) (map[int][]treeDamage, error) {
	all, dues := treeDamages(), map[int][]treeDamage{}
	for name := range o.Damage {
		if !slices.ContainsFunc(all, func(d treeDamage) bool { return d.name == name }) {
			return nil, fmt.Errorf("unknown damage %q: there is %v", name, TreeDamageNames())
		}
	}
	r := newRandom(o.Seed + 1)
	for _, d := range all {
		for range o.Damage[d.name] {
			i := r.intn(o.Files)
			for tries := 0; d.tail && slices.ContainsFunc(dues[i], func(d treeDamage) bool { return d.tail }); tries++ {
				if i = (i + 1) % o.Files; tries == o.Files {
					return nil, fmt.Errorf("%d files have not so many ends: %s", o.Files, d.name)
				}
			}
			dues[i] = append(dues[i], d)
		}
	}
	return dues, nil
}

// write writes a file of about that size. What t.w fails with it keeps.
func (t *transcript) write(size int64, dues []treeDamage, found func(Finding) error) error {
	inside := slices.DeleteFunc(slices.Clone(dues), func(d treeDamage) bool { return d.tail })
	tail := slices.DeleteFunc(slices.Clone(dues), func(d treeDamage) bool { return !d.tail })
	for n := 0; t.offset < size || n < len(inside); {
		t.healthy()
		t.flush(true)
		if n < len(inside) && t.offset >= size*int64(n+1)/int64(len(inside)+2) {
			t.record("assistant") // a parent
			t.flush(true)
			if err := t.damage(inside[n], found); err != nil {
				return err
			}
			n++
		}
	}
	t.healthy() // so that damage is never the only thing in a file
	t.flush(true)
	if len(tail) == 0 {
		return nil
	}
	return t.damage(tail[0], found)
}

// damage writes something damaged, tells of it, and begins a new thread, for a
// record that was lost can be no parent.
func (t *transcript) damage(d treeDamage, found func(Finding) error) error {
	f := Finding{Type: d.typ, Shape: d.name, Line: t.line + 1, Offset: t.offset}
	f.Keep = d.write(t)
	for i := range f.Keep {
		f.Keep[i].Offset += f.Offset
	}
	f.Length = int64(len(t.buf))
	t.flush(!d.tail)
	t.parent = ""
	return found(f)
}

// flush writes the line that was made, or the lines; the last line of a file
// may be without an end.
func (t *transcript) flush(ended bool) {
	if ended {
		t.buf = append(t.buf, '\n')
	} else {
		t.line++
	}
	t.line += int64(bytes.Count(t.buf, []byte{'\n'}))
	t.offset += int64(len(t.buf))
	_, _ = t.w.Write(t.buf)
	t.buf = t.buf[:0]
}
