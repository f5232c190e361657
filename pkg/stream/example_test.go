package stream_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// counter counts the records of a log.
type counter struct{ records int }

// block counts those of one block.
type block struct{ records int }

func (b *block) Reset() { b.records = 0 }

func (b *block) Line(l *stream.Line) {
	if l.Result.IsRecord() {
		b.records++
	}
}

func (c *counter) NewPart() stream.Part { return new(block) }

func (c *counter) Fold(_ *stream.Block, p stream.Part) error {
	c.records += p.(*block).records
	return nil
}

func ExampleForward() {
	text := `{"kind":"event","timestamp":1}
{"kind":"event","timestamp":2}
{"kind":"event","timest`
	log, err := stream.FromReader("example", strings.NewReader(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	var c counter
	end, err := stream.Forward(context.Background(), log, stream.Options{}, &c)
	fmt.Println(c.records, "records on", end.Lines, "lines:", err)
	// Output: 2 records on 3 lines: <nil>
}
