package pipeline

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// objects serves a bucket of the S3 protocol that holds files, and counts the
// bytes that it sends.
func objects(t *testing.T, paths ...string) (sent *atomic.Int64) {
	sent = &atomic.Int64{}
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("logs"))
	faker := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		faker.ServeHTTP(&counting{w, sent}, r)
	}))
	t.Cleanup(server.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id",
		"AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none} {
		t.Setenv(name, value)
	}
	var s store
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		put(t, &s, "s3://logs/2026/"+filepath.Base(path), text)
	}
	put(t, &s, "s3://logs/2026/deeper/x.ndjson", []byte("no log"))
	put(t, &s, "s3://logs/2026/README", []byte("no log"))
	sent.Store(0)
	return sent
}

func put(t *testing.T, s *store, name string, text []byte) {
	b, key, err := s.bucket(context.Background(), name)
	require.NoError(t, err)
	require.NoError(t, b.WriteAll(context.Background(), key, text, nil))
}

type counting struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

// What a pipeline says of objects is what the steps say of the same files, but
// for their names.
func TestObjectsAreLogs(t *testing.T) {
	dir, paths := logs(t)
	sent := objects(t, paths...)
	local := func(text string) string { return strings.ReplaceAll(text, "s3://logs/2026/", dir+"/") }
	for _, step := range []cli.Step{scan.Step, inspect.Step} {
		var want bytes.Buffer
		code, said := run(context.Background(), nil, step, nil, &want, append([]string{"--json"}, paths...))
		got, beam, failed := try(strings.TrimPrefix(step.Binary, "papyra-"), "--size", "40KiB", "s3://logs/2026/*.ndjson*")
		require.Equal(t, code, beam, failed)
		require.Equal(t, generated.ReplaceAllString(want.String(), ""), generated.ReplaceAllString(local(got), ""), said)
		require.Contains(t, got, `"path": "s3://logs/2026/a.ndjson"`)
	}
	var size int64
	for _, path := range paths {
		info, err := os.Stat(path)
		require.NoError(t, err)
		size += info.Size()
	}
	sent.Store(0)
	_, code, said := try("scan", "--size", "100KiB", "s3://logs/2026/*.ndjson*")
	require.Equal(t, cli.ExitAnomalies, code, said)
	// How much a server has sent before it notices that nobody reads on depends
	// on both; whole objects, for each range and each look at it, would be 30 times.
	require.Less(t, sent.Load(), 10*size, "ranges are asked for, not whole objects")

	var want bytes.Buffer
	code, said = run(context.Background(), nil, filter.Step, nil, &want, append([]string{"--kind", "event"}, paths...))
	require.Zero(t, code, said)
	out := filepath.Join(t.TempDir(), "out")
	_, code, said = try("filter", "--size", "40KiB", "--flag=--kind=event", "--dir", out, "s3://logs/2026/*.ndjson*")
	require.Zero(t, code, said)
	require.Equal(t, want.String(), listed(t, out))

	for name, says := range map[string]string{"s3://logs/2027/*": "means no log", "s3://logs/gone": "open log", "s3://other/x": "open log", "s4://logs/x": "s4"} {
		_, code, said := try("scan", name)
		require.Equal(t, cli.ExitFailed, code)
		require.Contains(t, said, says)
	}
}

// Wherever an object is read, in whatever steps, it is its own bytes; and not
// those of one that took its place.
func TestObjectIsReadAnywhere(t *testing.T) {
	objects(t)
	text := make([]byte, 3<<20)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(rnd.Uint32())
	}
	var s store
	put(t, &s, "s3://logs/big", text)
	log, err := s.open(context.Background(), "s3://logs/big")
	require.NoError(t, err)
	require.EqualValues(t, len(text), log.Size())
	at := 0
	for range 200 {
		if rnd.IntN(3) == 0 {
			at = rnd.IntN(len(text))
		}
		p := make([]byte, min(rnd.IntN(64<<10), len(text)-at))
		n, err := log.ReadAt(p, int64(at))
		require.NoError(t, err)
		require.Equal(t, len(p), n)
		require.True(t, bytes.Equal(text[at:at+n], p))
		at = (at + n) % len(text)
	}
	require.NoError(t, log.Verify())
	text[len(text)-1]++
	put(t, &s, "s3://logs/big", text)
	require.ErrorContains(t, log.Verify(), "it was replaced while it was read")
}
