package record_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/pkg/record"
)

// benchLines are records like the producer's, or the first 64 MiB of the log
// that LOG names.
func benchLines(b *testing.B) ([][]byte, int64) {
	text := bytes.Repeat([]byte(`{"kind": "event", "system_id": "local", "actor_address": "local://1680", "event_type": "ActorCrashed", "payload": {"order": {"id": 41399, "items": [{"sku": "A-1595", "qty": 7, "price": 89.628}], "name": "naïve café 東京 \u00e9"}, "ok": true}, "timestamp": 1710000000.123}`+"\n"), 10000)
	if path := os.Getenv("LOG"); path != "" {
		all, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		text = all[:bytes.LastIndexByte(all[:min(len(all), 64<<20)], '\n')+1]
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	return lines, int64(len(text))
}

func BenchmarkCheck(b *testing.B) {
	lines, size := benchLines(b)
	c := record.NewChecker(record.Options{})
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, l := range lines {
			if r := c.Check(l, 0); r.Fault != record.None {
				b.Fatal(r)
			}
		}
	}
}

// BenchmarkPeerValid is what the check is measured against: the library's
// validity test, which looks for neither UTF-8, kind nor timestamp.
func BenchmarkPeerValid(b *testing.B) {
	lines, size := benchLines(b)
	b.SetBytes(size)
	for b.Loop() {
		for _, l := range lines {
			if !json.Valid(l) {
				b.Fatal(string(l))
			}
		}
	}
}
