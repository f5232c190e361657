package durable

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
)

// soundJournal has these payloads in sound records.
func soundJournal(payloads ...[]byte) (all []byte) {
	for _, payload := range payloads {
		rec := make([]byte, recordBytes(int64(len(payload))))
		copy(rec, journalMagic)
		binary.LittleEndian.PutUint32(rec[8:], uint32(len(payload)))
		binary.LittleEndian.PutUint32(rec[12:], crc32.Checksum(payload, castagnoli))
		copy(rec[journalHead:], payload)
		all = append(all, rec...)
	}
	return all
}

// FuzzJournal holds for any bytes, and for any payloads in sound records, that
// a journal tells of nothing outside of itself and of no impossible place, and
// that its whole part alone tells the same.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"base":{"ready":true}}`+"\n"+`{"room":{"bytes":9}}`+"\n"+`{"place":{"src":0,"end":9,"at":5,"nl":true}}`), true)
	f.Add([]byte(`{"place":{"src":-1,"end":9,"at":0}}`), true)
	f.Add([]byte(journalMagic), false)
	f.Fuzz(func(t *testing.T, text []byte, sound bool) {
		if sound {
			text = soundJournal(bytes.Split(text, []byte("\n"))...)
		}
		s, err := readJournal(bytes.NewReader(text))
		if err != nil {
			return
		}
		require.LessOrEqual(t, s.end, int64(len(text)))
		require.Equal(t, s.valid, s.end > 0)
		for _, p := range s.places {
			require.True(t, p.From >= 0 && p.To >= p.From && p.start() >= 0, "%+v", p)
		}
		again, err := readJournal(bytes.NewReader(text[:s.end]))
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
