package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
)

// gz compresses a text; name and comment stand in the header.
func gz(text, name string) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w.Name = name
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

// bomb is gzip that becomes n MiB of one byte.
func bomb(n int) string {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	for range n {
		w.Write(bytes.Repeat([]byte("x"), 1<<20))
	}
	w.Close()
	return b.String()
}

const zstMagic = "\x28\xb5\x2f\xfd"

// zst is a frame of one raw block.
func zst(text string) string {
	return zstMagic + "\x00\x58" + block(0, len(text), true) + text
}

func block(kind, size int, last bool) string {
	head := size<<3 | kind<<1
	if last {
		head |= 1
	}
	return string(binary.LittleEndian.AppendUint32(nil, uint32(head))[:3])
}

// zstBomb is zstd that becomes n × 128 KiB of one byte, of four bytes each.
func zstBomb(n int) string {
	return zstMagic + "\x00\x58" + rep(block(1, 128<<10, false)+"x", n) + block(0, 0, true)
}

func flipped(text string, at int) string {
	b := []byte(text)
	b[at] ^= 0x55
	return string(b)
}

var hostileArchives = []situation{
	{what: "a gzip bomb of 80 MiB", files: one(bomb(80)), run: "papyra-scan l", exit: 2, out: "OVERSIZED_LINE|TRUNCATED_LINE", bounded: true},
	{what: "a gzip bomb, filtered by count", files: one(bomb(80)), run: "papyra-filter --max-records 1 l", err: "damaged", bounded: true},
	{what: "a gzip bomb, inspected", files: one(bomb(80)), run: "papyra-inspect l", out: "Persistence Inspect", bounded: true},
	{what: "a zstd bomb of 128 MiB in 4 KiB", files: one(zstBomb(1024)), run: "papyra-scan l", exit: 2, out: "OVERSIZED_LINE|TRUNCATED_LINE", bounded: true},
	{what: "gzip that is cut short", files: one(gz(rep(rec, 1000), "")[:40]), run: "papyra-scan l", exit: 1, out: "truncated"},
	{what: "gzip of which the last byte is missing", files: one(gz(rec, "")[:len(gz(rec, ""))-1]), run: "papyra-scan l", exit: 1, out: "truncated"},
	{what: "gzip with a bit flipped", files: one(flipped(gz(rep(rec+later, 1000), ""), 30)), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "gzip with a wrong checksum", files: one(flipped(gz(rec, ""), len(gz(rec, ""))-7)), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "two bytes that begin gzip", files: one("\x1f\x8b"), run: "papyra-scan l", exit: 1, out: "No verdict on l: the gzip data of l is truncated"},
	{what: "gzip with rubbish behind it", files: one(gz(rec, "") + "rubbish"), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "gzip of several members", files: one(gz(rec, "") + gz(later, "")), run: "papyra-scan l", out: "2 records"},
	{what: "gzip with an empty member in the middle of a line", files: one(gz(rec[:9], "") + gz("", "") + gz(rec[9:], "")), run: "papyra-scan l", out: "1 record"},
	{what: "gzip with a name that a terminal obeys", files: one(gz(rec, "\x1b[2J")), run: "papyra-scan l", out: "^Persistence is healthy$"},
	{what: "gzip within gzip", files: one(gz(gz(rec, ""), "")), run: "papyra-scan l", exit: 2, out: "^Found"},
	{what: "plain text that is called .gz", files: map[string]string{"l.gz": rec}, run: "papyra-scan l.gz", out: "^Persistence is healthy$"},
	{what: "an empty file that is called .zst", files: map[string]string{"l.zst": ""}, run: "papyra-scan l.zst", out: "^Persistence is healthy$"},
	{what: "zstd that wants a window of 2 GiB", files: one(zstMagic + "\x00\xa8" + block(0, len(rec), true) + rec), run: "papyra-scan l", exit: 1, out: "memory|large", bounded: true},
	{what: "zstd that wants a dictionary", files: one(zstMagic + "\x01\x58\x07" + block(0, len(rec), true) + rec), run: "papyra-scan l", exit: 1, out: "dictionary"},
	{what: "zstd that claims an exbibyte", files: one(zstMagic + "\xe0\x00\x00\x00\x00\x00\x00\x00\x10" + block(0, len(rec), true) + rec), run: "papyra-scan l", exit: 1, out: "No verdict", bounded: true},
	{what: "zstd that is cut short", files: one(zst(rec)[:20]), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "zstd of several frames, one to be skipped", files: one(zst(rec) + "\x50\x2a\x4d\x18\x03\x00\x00\x00xyz" + zst(later)), run: "papyra-scan l", out: "2 records"},
	{what: "zstd with rubbish behind it", files: one(zst(rec) + "rubbish"), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "zstd with a block of a reserved type", files: one(zstMagic + "\x00\x58" + block(3, 5, true) + "xxxxx"), run: "papyra-scan l", exit: 1, out: "No verdict"},
	{what: "a compressed log, to be repaired", files: one(gz(rec+torn, "")), run: "papyra-repair l", exit: 1, err: "compressed"},
	{what: "a compressed log, to be compacted", files: one(zst(rec + later)), run: "papyra-compact --max-records 1 l", exit: 1, err: "compressed"},
	{what: "a compressed log, to be appended to", files: one(gz(rec, "")), run: "echo '" + rec[:len(rec)-1] + "' | papyra-append l", exit: 1, err: "compressed"},
	{what: "a compressed log, to be recovered at start-up", files: one(gz(rec+torn, "")), run: "papyra persistence startup-check --mode recover l", exit: 1, err: "compressed"},
	{what: "a damaged member in a rotated set", files: map[string]string{"l": rec, "l.1": gz(rep(rec, 99), "")[:30]}, run: "papyra-scan --rotated l", exit: 1, out: "l.1"},
	{what: "the same, filtered", files: map[string]string{"l": rec, "l.1": gz(rep(rec, 99), "")[:30]}, run: "papyra-filter --rotated l", exit: 1, err: "l.1"},
	{what: "a window over the limit, of any size", by: "`TestZstdWindowTooLarge`"},
	{what: "gzip cut anywhere", by: "`TestTruncatedGzip`"},
}
