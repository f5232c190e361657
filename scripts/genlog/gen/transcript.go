package gen

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// transcript makes the lines of one conversation.
type transcript struct {
	r            random
	w            *bufio.Writer
	buf          []byte
	line, offset int64
	micros       int64
	session      string
	id, parent   string // of the next record; no parent starts a thread
	noisy        bool   // nearly all is progress
	content      func() // of the next record, if it is to be a certain one
}

// uuid returns a random one.
func (t *transcript) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], t.r.pcg.Uint64())
	binary.BigEndian.PutUint64(b[8:], t.r.pcg.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// healthy makes a record of some kind.
func (t *transcript) healthy() {
	switch n := t.r.intn(100); {
	case t.noisy && n > 0:
		t.content = func() { t.text(6, `\n`) }
		t.record("progress")
	case n < 30:
		t.record("user")
	case n < 95:
		t.record("assistant")
	default:
		t.str(`{"type":"summary","summary":"`)
		t.text(4, " ")
		t.str(`","leafUuid":"` + t.uuid() + `"}`)
	}
}

// whole makes a record and returns where in the line it stands.
func (t *transcript) whole() []Range {
	from := len(t.buf)
	t.record("user")
	return []Range{{int64(from), int64(len(t.buf) - from)}}
}

// cut makes a record that is torn off within the text of its message.
func (t *transcript) cut() {
	at := 0
	t.content = func() {
		t.text(20, " ")
		at = len(t.buf) - 10
		t.text(5, " ")
	}
	id := t.parent
	t.record("user")
	t.buf, t.parent = t.buf[:at], id
}

// record makes one.
func (t *transcript) record(kind string) {
	parent := "null"
	if t.parent != "" {
		parent = `"` + t.parent + `"`
	}
	t.str(`{"parentUuid":` + parent + `,"isSidechain":false,"userType":"external","cwd":"/home/me/src","sessionId":"` + t.session +
		`","version":"2.1.121","gitBranch":"main","type":"` + kind + `","message":{"role":"` + kind + `","content":[{"type":"text","text":"`)
	if t.content != nil {
		t.content()
		t.content = nil
	} else {
		t.text(t.r.between(5, 25*t.r.between(1, 12)), pick(&t.r, []string{" ", " ", `\n`, `\\`, `\"`, `{\"a\": [1, 2]}`, "é", "日本"}))
	}
	t.micros += int64(t.r.between(1, 5_000_000))
	t.str(`"}]},"uuid":"` + t.id + `","timestamp":"` + time.UnixMicro(t.micros).UTC().Format("2006-01-02T15:04:05.000Z") + `"}`)
	t.parent, t.id = t.id, t.uuid()
}

var treeWords = []string{"the", "test", "fails", "because", "parser", "returns", "file", "error", "function", "let", "me", "look", "at", "line", "result"}

// text makes words, and something else between some of them.
func (t *transcript) text(words int, between string) {
	for i := range words {
		t.str(pick(&t.r, treeWords))
		if i%3 == 2 {
			t.str(between)
		} else {
			t.str(" ")
		}
	}
}

func (t *transcript) str(s string) { t.buf = append(t.buf, s...) }
