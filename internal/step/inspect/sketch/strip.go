package sketch

// stripCells is how many cells a Strip has at most.
const stripCells = 256

// Strip is a map of a file of unknown length: up to 256 cells of equal width, a
// power of two of bytes, each with what is wrong in it.
type Strip struct {
	width int64
	cells []Cell
}

// Cell is one piece of the file.
type Cell struct {
	// Errors and Warnings count the anomalies that start here.
	Errors   int64 `json:"errors"`
	Warnings int64 `json:"warnings"`
	// Damaged is how many bytes of the cell are in lines with an error.
	Damaged int64 `json:"damaged_bytes"`
}

// NewStrip returns an empty map.
func NewStrip() *Strip { return &Strip{width: 1} }

// Add marks n anomalies at offset that are length bytes long; a negative n
// takes marks away.
func (s *Strip) Add(offset, length int64, isError bool, n int64) {
	s.Extend(offset + max(length, 1))
	c := &s.cells[offset/s.width]
	if !isError {
		c.Warnings += n
		return
	}
	c.Errors += n
	for end := offset + length; offset < end; {
		cell := offset / s.width
		size := min(end, (cell+1)*s.width) - offset
		s.cells[cell].Damaged += n * size
		offset += size
	}
}

// Merge adds what another map of the same file holds, and leaves that one
// coarser.
func (s *Strip) Merge(o *Strip) {
	for s.width < o.width {
		s.coarsen()
	}
	for o.width < s.width {
		o.coarsen()
	}
	s.Extend(int64(len(o.cells)) * o.width)
	for i := range o.cells {
		s.cells[i].add(&o.cells[i])
	}
}

func (c *Cell) add(o *Cell) {
	c.Errors += o.Errors
	c.Warnings += o.Warnings
	c.Damaged += o.Damaged
}

// Extend makes the map reach to a file of size bytes.
func (s *Strip) Extend(size int64) {
	if size <= 0 {
		return
	}
	for (size-1)/s.width >= stripCells {
		s.coarsen()
	}
	for int64(len(s.cells)) <= (size-1)/s.width {
		s.cells = append(s.cells, Cell{})
	}
}

// coarsen doubles the width of the cells.
func (s *Strip) coarsen() {
	s.width *= 2
	for i, c := range s.cells {
		if i%2 == 0 {
			s.cells[i/2] = c
		} else {
			s.cells[i/2].add(&c)
		}
	}
	s.cells = s.cells[:(len(s.cells)+1)/2]
}

// Width is how many bytes a cell stands for.
func (s *Strip) Width() int64 { return s.width }

// Cells are the cells, from the start of the file.
func (s *Strip) Cells() []Cell { return s.cells }
