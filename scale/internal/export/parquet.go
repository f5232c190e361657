package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/papyra-tools/papyra/pkg/record"
)

const (
	maxOpen       = 64       // files that are written at once
	maxPartitions = 10000    // directories of one export
	maxBuffered   = 64 << 20 // bytes of text that are held of all files
)

// noPartition is the value of Hive's that stands for none.
const noPartition = "__HIVE_DEFAULT_PARTITION__"

// dataset writes Parquet files, partitioned by kind and date. They are written
// into a directory beside the one that is asked for, which takes its name when
// all is done: what is left of an export that failed is never taken for one.
type dataset struct {
	dir, temp string
	columns   *columns
	open      map[string]*partition
	files     map[string]int // files by directory
	buffered  int64
	tick      int64
	counts    counts
}

// counts are what was written.
type counts struct {
	Rows    int64 `json:"rows"`
	Corrupt int64 `json:"corrupt"`
	Files   int64 `json:"files"`
}

// partition is a file that is being written.
type partition struct {
	file *os.File
	w    *parquet.Writer
	held int64 // bytes of text since the last row group
	used int64
}

func newDataset(dir string, p *record.Profile) (*dataset, error) {
	dir = filepath.Clean(dir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look into the directory: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: an export makes a directory of its own", dir)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return nil, fmt.Errorf("make the directory: %w", err)
	}
	return &dataset{dir: dir, temp: temp, columns: newColumns(p), open: map[string]*partition{}, files: map[string]int{}}, nil
}

// add writes a line of a log.
func (d *dataset) add(log string, l *line) error {
	p, err := d.partition(d.place(l))
	if err != nil {
		return err
	}
	if _, err := p.w.WriteRows([]parquet.Row{d.columns.fill(log, l)}); err != nil {
		return fmt.Errorf("write %s: %w", p.file.Name(), err)
	}
	d.counts.Rows++
	if l.damaged() {
		d.counts.Corrupt++
	}
	n := int64(len(l.text)) + 64
	p.held += n
	if d.buffered += n; d.buffered < maxBuffered {
		return nil
	}
	d.buffered = 0
	for _, p := range d.open {
		if err := p.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (p *partition) flush() error {
	if p.held == 0 {
		return nil
	}
	p.held = 0
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", p.file.Name(), err)
	}
	return nil
}

// place returns the directory that a line belongs into.
func (d *dataset) place(l *line) string {
	kind, date := noPartition, noPartition
	if !l.damaged() {
		if l.kind != "" {
			kind = escape(l.kind)
		}
		if us, ok := micros(l); ok {
			date = time.UnixMicro(us).UTC().Format(time.DateOnly)
		}
	}
	return filepath.Join("kind="+kind, "date="+date)
}

// escape writes what must not stand in the name of a directory as Hive does.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == 0x7F || strings.IndexByte(`"#%'*/:=?\{}[]^`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() > 200 {
		return b.String()[:200] // as long as names may be; the record has it whole
	}
	return b.String()
}

func (d *dataset) partition(dir string) (*partition, error) {
	d.tick++
	if p := d.open[dir]; p != nil {
		p.used = d.tick
		return p, nil
	}
	if len(d.open) >= maxOpen {
		if err := d.closeOldest(); err != nil {
			return nil, err
		}
	}
	number, ok := d.files[dir]
	if !ok && len(d.files) >= maxPartitions {
		return nil, fmt.Errorf("the records have more than %d different kinds and dates: Parquet files of so few records would help nobody", maxPartitions)
	}
	d.files[dir] = number + 1
	if err := os.MkdirAll(filepath.Join(d.temp, dir), 0o777); err != nil {
		return nil, fmt.Errorf("make a partition: %w", err)
	}
	f, err := os.Create(filepath.Join(d.temp, dir, fmt.Sprintf("part-%05d.parquet", number)))
	if err != nil {
		return nil, fmt.Errorf("make a file: %w", err)
	}
	d.counts.Files++
	p := &partition{file: f, used: d.tick, w: parquet.NewWriter(f, d.columns.schema, parquet.CreatedBy("papyra", "", ""))}
	d.open[dir] = p
	return p, nil
}

// closeOldest closes the file that was written to longest ago.
func (d *dataset) closeOldest() error {
	oldest := ""
	for dir, p := range d.open {
		if oldest == "" || p.used < d.open[oldest].used {
			oldest = dir
		}
	}
	p := d.open[oldest]
	delete(d.open, oldest)
	return p.close()
}

func (p *partition) close() error {
	err := p.w.Close()
	if err == nil {
		err = p.file.Sync()
	}
	if err = errors.Join(err, p.file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", p.file.Name(), err)
	}
	return nil
}

// finish ends all files and gives the directory its name.
func (d *dataset) finish() error {
	var errs []error
	for dir, p := range d.open {
		delete(d.open, dir)
		errs = append(errs, p.close())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.temp, "_SUCCESS"), nil, 0o666); err != nil {
		return fmt.Errorf("end the export: %w", err)
	}
	if err := d.sync(); err != nil {
		return err
	}
	if err := os.Remove(d.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace the empty directory: %w", err)
	}
	if err := os.Rename(d.temp, d.dir); err != nil {
		return fmt.Errorf("name the directory: %w", err)
	}
	d.temp = ""
	return syncDir(filepath.Dir(d.dir))
}

// sync makes the names of all files durable, and gives the directory the mode
// that it would have been made with.
func (d *dataset) sync() error {
	dirs := []string{d.temp}
	for dir := range d.files {
		dirs = append(dirs, filepath.Join(d.temp, dir), filepath.Join(d.temp, filepath.Dir(dir)))
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	if err := os.Chmod(d.temp, 0o755); err != nil {
		return fmt.Errorf("end the export: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

// abandon removes what an export that failed has written.
func (d *dataset) abandon() error {
	if d.temp == "" {
		return nil
	}
	for _, p := range d.open {
		p.file.Close()
	}
	return os.RemoveAll(d.temp)
}
