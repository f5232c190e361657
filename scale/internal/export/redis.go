package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// sent is what is known of a stream at the server.
type sent struct {
	known  bool  // the rest is, on the connection in use
	before *id   // its last entry when the export began
	remote id    // its last entry by now
	acked  id    // our last entry that the server has acknowledged
	added  int64 // entries that this export has added
	there  int64 // entries that were there before
}

// redisSink adds entries to the streams of a server. It ends a batch only when
// the server has acknowledged all of it. When the connection dies it asks the
// server what has arrived, and goes on behind that.
type redisSink struct {
	ctx     context.Context
	options *redis.Options
	client  *redis.Client // of one connection
	retry   time.Duration // how long to go on without any progress
	targets []*target     // those of which something is known
	batch   []entry
	done    int       // entries of the batch that are dealt with
	since   time.Time // when there was progress
}

// newRedis returns a sink for the server at a URL. password is used if the URL
// has none.
func newRedis(ctx context.Context, url, password string, retry time.Duration) (*redisSink, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		// The error may quote the URL, and so a password.
		return nil, errors.New("the URL of the server is none: want redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, or unix://PATH")
	}
	if o.Password == "" {
		o.Password = password
	}
	// No retry behind our back: a batch that is sent again must begin where the
	// server's part of it ends.
	o.PoolSize, o.MaxRetries, o.DialerRetries = 1, -1, 1
	o.Protocol, o.DisableIdentity = 2, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 10*time.Second, time.Minute, time.Minute
	s := &redisSink{ctx: ctx, options: o, retry: retry}
	s.connect()
	return s, nil
}

// connect makes a client that dials once only: on another connection nothing is
// known of the streams any more, and the server may have been another one.
func (s *redisSink) connect() {
	o := *s.options
	dial := redis.NewDialer(&o)
	var dialed atomic.Bool
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dialed.Swap(true) {
			return nil, errors.New("the connection was lost")
		}
		return dial(ctx, network, addr)
	}
	s.client = redis.NewClient(&o)
	for _, t := range s.targets {
		t.known = false
	}
}

func (s *redisSink) close() error { return s.client.Close() }

func (s *redisSink) add(e *entry) error {
	kept := *e
	kept.fields = append([][]byte(nil), e.fields...)
	s.batch = append(s.batch, kept)
	return nil
}

// flush sends the batch until all of it is acknowledged.
func (s *redisSink) flush() error {
	s.done, s.since = 0, time.Now()
	wait := 20 * time.Millisecond
	for {
		before := s.done
		err := s.try()
		if err == nil {
			s.batch = s.batch[:0]
			return nil
		}
		if s.ctx.Err() != nil || !transient(err) {
			return err
		}
		if s.done > before {
			s.since, wait = time.Now(), 20*time.Millisecond
		}
		if time.Since(s.since) >= s.retry {
			return fmt.Errorf("send to the server: %w", err)
		}
		_ = s.close()
		s.connect()
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
		wait = min(2*wait, time.Second)
	}
}

// transient reports whether trying again may help: the connection is at fault,
// or the server says that it is not ready yet.
func transient(err error) bool {
	var said redis.Error
	if errors.As(err, &said) {
		return redis.HasErrorPrefix(err, "LOADING") || redis.HasErrorPrefix(err, "MASTERDOWN") || redis.HasErrorPrefix(err, "CLUSTERDOWN")
	}
	var lost *lostError
	return !errors.As(err, &lost)
}

// lostError says that a stream is not what it has to be to go on.
type lostError struct{ text string }

func (e *lostError) Error() string { return e.text }

// try deals with the rest of the batch: entries that the server has are
// compared, and only if they are ours the others are added.
func (s *redisSink) try() error {
	rest := s.batch[s.done:]
	compare, add := s.client.Pipeline(), s.client.Pipeline()
	for i := range rest {
		e := &rest[i]
		if err := s.learn(e.to); err != nil {
			return err
		}
		if !e.to.remote.less(e.id) {
			compare.XRange(s.ctx, e.to.key, e.id.String(), e.id.String())
			continue
		}
		args := append(make([]any, 0, 3+len(e.fields)), "XADD", e.to.key, e.id.String())
		for _, f := range e.fields {
			args = append(args, f)
		}
		add.Do(s.ctx, args...)
	}
	found, err := compare.Exec(s.ctx)
	if err != nil {
		return fmt.Errorf("compare with what is there: %w", err)
	}
	for i := range rest {
		if e := &rest[i]; !e.to.remote.less(e.id) {
			if err := same(e, found[0].(*redis.XMessageSliceCmd).Val()); err != nil {
				return err
			}
			found = found[1:]
		}
	}
	replies, err := add.Exec(s.ctx)
	for i := range rest {
		e := &rest[i]
		if e.to.remote.less(e.id) {
			if err := replies[0].Err(); err != nil {
				return explain(e, err)
			}
			replies = replies[1:]
		}
		s.acknowledge(e)
	}
	return err
}

// acknowledge counts an entry that the server has.
func (s *redisSink) acknowledge(e *entry) {
	t := e.to
	if t.before.less(e.id) {
		t.added++
	} else {
		t.there++
	}
	t.acked = e.id
	s.done++
}

// learn asks the server how far a stream goes.
func (s *redisSink) learn(t *target) error {
	if t.known {
		return nil
	}
	info, err := s.client.XInfoStream(s.ctx, t.key).Result()
	if err != nil && !strings.Contains(err.Error(), "no such key") {
		return fmt.Errorf("ask for %s: %w", t.key, err)
	}
	var last id
	if err == nil {
		if last, err = parseID(info.LastGeneratedID); err != nil {
			return err
		}
	}
	if last.less(t.acked) {
		return &lostError{fmt.Sprintf("%s ends at %s, but the server had acknowledged %s: it has lost entries; export again", t.key, last, t.acked)}
	}
	if t.before == nil {
		t.before = &last
		s.targets = append(s.targets, t)
	}
	t.remote, t.known = last, true
	return nil
}

// same fails unless the entry that was found is the one that would be added.
func same(e *entry, found []redis.XMessage) error {
	if len(found) == 1 {
		if data, ok := found[0].Values["data"].(string); ok && bytes.Equal([]byte(data), e.fields[1]) {
			return nil
		}
	}
	return &lostError{fmt.Sprintf("%s goes on to %s already, and holds no such record at %s: entries can only be added behind the last one "+
		"(another log was exported there, or somebody writes or trims it; --prefix gives other streams)", e.to.key, e.to.remote, e.id)}
}

func explain(e *entry, err error) error {
	if strings.Contains(err.Error(), "equal or smaller than the target stream top item") {
		return &lostError{fmt.Sprintf("%s: somebody else adds entries meanwhile: %v", e.to.key, err)}
	}
	return fmt.Errorf("add to %s: %w", e.to.key, err)
}

// length returns how many entries a stream has.
func (s *redisSink) length(t *target) (int64, error) {
	return s.client.XLen(s.ctx, t.key).Result()
}
