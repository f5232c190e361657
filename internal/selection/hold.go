package selection

import (
	"bytes"
	"context"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// hold reads a log once and prints it after its end, or as soon as it is
// certain what becomes of a line. In between it holds what may have to be
// printed.
type hold struct {
	*pass
	window
	out     *sink
	queue   *store
	pending *store // damaged lines of which the next record decides
	pended  bool
	// lastStays says what becomes of damaged lines at the end.
	lastStays bool
	patient   bool  // an age limit may drop the record that decides
	weighs    bool  // damaged lines count with the record after them
	gap       int64 // bytes of those since the last record
	head      []byte
}

// newHold returns a hold for a log that newer follows, of which nothing is
// held.
func newHold(log *stream.Log, o *Options, newer sums, out *sink) *hold {
	h := &hold{pass: newPass(log, o, out.sum), out: out, queue: newStore(o), pending: newStore(o), lastStays: true}
	h.window = window{rule: o.Rule, limit: o.Limit, total: newer}
	h.patient, h.weighs = o.Rule.Policy().Alone(), o.weighs()
	return h
}

func (h *hold) close() {
	_ = h.queue.close()
	_ = h.pending.close()
}

// read takes the log in from one offset up to another, and prints it; see
// Options.walk.
func (h *hold) read(ctx context.Context, from, to int64) error {
	defer h.close()
	end, err := stream.Forward(ctx, h.log, h.o.walk(from, to), h)
	if err == nil && from == 0 {
		err = h.end(end)
	}
	if err == nil {
		err = h.settle(h.lastStays)
	}
	if err != nil {
		return err
	}
	h.window.total.Bytes += h.gap // what no record follows counts by itself
	return h.print(ctx)
}

// Fold takes a block in.
func (h *hold) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := h.take(b, p); err != nil {
		return err
	}
	for i := range p.spans {
		if err := h.span(b, &p.spans[i]); err != nil {
			return err
		}
	}
	return h.slide()
}

func (h *hold) span(b *stream.Block, s *span) error {
	text := b.Data[s.from:s.to]
	if s.class >= broken {
		h.weigh(s)
		if h.o.Damage != Pass || s.class == unfit {
			return nil
		}
		if h.patient {
			h.pended = true
			return h.pending.push(nil, text, s.open, sums{})
		}
	} else if err := h.settle(s.class != aged); err != nil {
		return err
	}
	if gap := h.gap; gap > 0 && s.class < broken {
		h.gap = 0
		if s.class != aged {
			return h.heavy(b, s, gap)
		}
	}
	return h.lines(b, s)
}

// weigh has damaged lines count with the record that comes after them, unless
// they are never passed on.
func (h *hold) weigh(s *span) {
	if !h.weighs || s.class == unfit {
		return
	}
	h.gap += s.size
	if s.open {
		h.gap++
	}
}

// heavy takes in records of which the first one counts for more than itself.
func (h *hold) heavy(b *stream.Block, s *span, gap int64) error {
	first, rest := *s, span{}
	if s.records > 1 {
		first, rest = s.split(b.Data, s.from+int32(bytes.IndexByte(b.Data[s.from:s.to], '\n'))+1)
	}
	first.size += gap
	err := h.lines(b, &first)
	if err == nil && rest.records > 0 {
		err = h.lines(b, &rest)
	}
	return err
}

// lines takes in lines of which the class is known.
func (h *hold) lines(b *stream.Block, s *span) error {
	text := b.Data[s.from:s.to]
	if s.class == match || s.class == broken || h.o.Invert {
		if err := h.add(s.class, int64(s.records), s.size, text, s.open); err != nil {
			return err
		}
	}
	one := s.of()
	h.pass.total = h.pass.total.add(one)
	h.window.total = h.window.total.add(one)
	return nil
}

// add appends an entry to the queue.
func (h *hold) add(c class, records, size int64, text []byte, open bool) error {
	length := len(text)
	if open {
		length++
	}
	e := entry{class: c, records: records, size: size, before: h.pass.total}
	h.head = e.appendHeader(h.head[:0], length)
	if !h.queue.room(len(h.head) + length) {
		if err := h.queue.seal(h.pass.total); err != nil {
			return err
		}
	}
	return h.queue.push(h.head, text, open, e.after())
}

// settle decides about the pending lines.
func (h *hold) settle(stay bool) error {
	if !h.pended {
		return nil
	}
	h.pended = false
	c := broken
	if !stay {
		c = brokenOut
	}
	if stay || h.o.Invert {
		err := h.pending.each(func(data []byte) error {
			return h.add(c, int64(bytes.Count(data, []byte{'\n'})), int64(len(data)), data, false)
		})
		if err != nil {
			return err
		}
	}
	return h.pending.clear()
}

// slide lets go of what is out of the window for good.
func (h *hold) slide() error {
	if h.o.Invert && h.o.Reverse {
		return nil
	}
	for c := h.queue.first(); c != nil && !h.has(c.end); c = h.queue.first() {
		if h.o.Invert {
			if err := h.chunk(c); err != nil {
				return err
			}
		}
		if err := h.queue.drop(); err != nil {
			return err
		}
	}
	return nil
}

// print prints what is left once the log has ended.
func (h *hold) print(ctx context.Context) error {
	if err := h.queue.seal(h.pass.total); err != nil {
		return err
	}
	chunks := h.queue.chunks[h.queue.head:]
	for i := range chunks {
		c := &chunks[i]
		if h.o.Reverse {
			c = &chunks[len(chunks)-1-i]
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := h.chunk(c); err != nil {
			return err
		}
	}
	return nil
}

// chunk prints what is to be printed of a chunk.
func (h *hold) chunk(c *chunk) error {
	data, err := h.queue.load(c)
	if err != nil {
		return err
	}
	var entries []entry
	for len(data) > 0 {
		var e entry
		if data, err = e.next(data); err != nil {
			return err
		}
		if h.o.Reverse {
			entries = append(entries, e)
		} else if err := h.entry(e); err != nil {
			return err
		}
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if err := h.entry(entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// entry prints what is to be printed of an entry. The selected lines of it are
// the last ones.
func (h *hold) entry(e entry) error {
	selectable := e.class == match || e.class == broken
	out := e // the lines that are out of the window
	out.text, out.records = nil, 0
	whole := e.text
	for e.records > 0 && !(selectable && h.has(e.before)) {
		if !selectable || e.class == broken || !h.has(e.after()) {
			out.text, out.records = whole, out.records+e.records
			e.text, e.records = nil, 0
			break
		}
		e.firstLine()
		out.records++
		out.text = whole[:len(whole)-len(e.text)]
	}
	if h.o.Invert {
		e = out
	}
	if e.records == 0 {
		return nil
	}
	if h.o.Reverse {
		return h.out.reversed(e.text, false, e.records, e.class)
	}
	return h.out.lines(e.text, false, e.records, e.class)
}
