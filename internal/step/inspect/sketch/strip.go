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
	Errors, Warnings int64
	// Damaged is how many bytes of the cell are in lines with an error.
	Damaged int64
}

// NewStrip returns an empty map.
func NewStrip() *Strip { return &Strip{width: 1} }

// Add marks an anomaly at offset that is length bytes long.
func (s *Strip) Add(offset, length int64, isError bool) {
	s.Extend(offset + max(length, 1))
	c := &s.cells[offset/s.width]
	if !isError {
		c.Warnings++
		return
	}
	c.Errors++
	for end := offset + length; offset < end; {
		cell := offset / s.width
		n := min(end, (cell+1)*s.width) - offset
		s.cells[cell].Damaged += n
		offset += n
	}
}

// Extend makes the map reach to a file of size bytes.
func (s *Strip) Extend(size int64) {
	if size <= 0 {
		return
	}
	for (size-1)/s.width >= stripCells {
		s.width *= 2
		for i, c := range s.cells {
			if i%2 == 0 {
				s.cells[i/2] = c
				continue
			}
			to := &s.cells[i/2]
			to.Errors += c.Errors
			to.Warnings += c.Warnings
			to.Damaged += c.Damaged
		}
		s.cells = s.cells[:(len(s.cells)+1)/2]
	}
	for int64(len(s.cells)) <= (size-1)/s.width {
		s.cells = append(s.cells, Cell{})
	}
}

// Width is how many bytes a cell stands for.
func (s *Strip) Width() int64 { return s.width }

// Cells are the cells, from the start of the file.
func (s *Strip) Cells() []Cell { return s.cells }
