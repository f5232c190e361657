package export_test

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// server is a Redis server of a test's own.
type server struct {
	*redis.Client
	socket string
}

// serve starts a server on a socket in a directory of its own, with no files.
func serve(t testing.TB) *server {
	t.Helper()
	program := testtool.Need(t, "redis-server")
	dir := t.TempDir()
	s := &server{socket: filepath.Join(dir, "s")}
	cmd := exec.Command(program, "--port", "0", "--unixsocket", s.socket, "--save", "", "--appendonly", "no", "--dir", dir, "--daemonize", "no")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.Client = redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket})
	t.Cleanup(func() { s.Client.Close() })
	require.Eventually(t, func() bool { return s.Ping(context.Background()).Err() == nil }, 20*time.Second, 10*time.Millisecond)
	return s
}

func (s *server) url() string { return "unix://" + s.socket }

// data returns the data fields of a stream, in order, and the ids.
func (s *server) data(t testing.TB, key string) (data, ids []string) {
	t.Helper()
	all, err := s.XRange(context.Background(), key, "-", "+").Result()
	require.NoError(t, err)
	for _, m := range all {
		data, ids = append(data, m.Values["data"].(string)), append(ids, m.ID)
	}
	return data, ids
}

func (s *server) empty(t testing.TB) { require.NoError(t, s.FlushAll(context.Background()).Err()) }

// cutter stands between an exporter and a server. It ends connections after a
// number of bytes, counted in both directions: the first one only, or, if it is
// a wall, every one from then on.
type cutter struct {
	wall     bool
	listener net.Listener
	socket   string
	left     atomic.Int64
	passed   atomic.Int64
	conns    sync.WaitGroup
}

func newCutter(t testing.TB, socket string, left int64, wall bool) *cutter {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{listener: l, socket: socket, wall: wall}
	c.left.Store(left)
	go func() {
		for first := true; ; first = false {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				client.Close()
				continue
			}
			once := first || c.wall
			c.conns.Add(2)
			go c.pass(client, server, once)
			go c.pass(server, client, once)
		}
	}()
	t.Cleanup(func() { l.Close(); c.conns.Wait() })
	return c
}

// pass copies what one side says to the other one, byte by byte while they are
// counted.
func (c *cutter) pass(from, to net.Conn, counted bool) {
	defer c.conns.Done()
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for i := 0; i < n; i++ {
			if !counted {
				c.passed.Add(int64(n - i))
				_, _ = to.Write(buf[i:n])
				break
			}
			if c.left.Add(-1) < 0 {
				return
			}
			c.passed.Add(1)
			_, _ = to.Write(buf[i : i+1])
		}
		if err != nil {
			return
		}
	}
}

func (c *cutter) url() string { return "redis://" + c.listener.Addr().String() + "/0" }
