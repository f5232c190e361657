package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/gcsblob" // gs://
	_ "gocloud.dev/blob/s3blob"  // s3://

	"github.com/papyra-tools/papyra/pkg/stream"
)

// store opens logs: files, and objects of the buckets that were opened before.
type store struct{ buckets map[string]*blob.Bucket }

// bucket returns the bucket that a name such as s3://BUCKET/KEY is in, and the
// key; nil for a file.
func (s *store) bucket(ctx context.Context, name string) (b *blob.Bucket, key string, err error) {
	scheme, rest, ok := strings.Cut(name, "://")
	if !ok {
		return nil, "", nil
	}
	host, key, _ := strings.Cut(rest, "/")
	url := scheme + "://" + host
	if b = s.buckets[url]; b != nil {
		return b, key, nil
	}
	options := ""
	if scheme == "s3" && os.Getenv("AWS_ENDPOINT_URL")+os.Getenv("AWS_ENDPOINT_URL_S3") != "" {
		options = "?use_path_style=true" // servers of one's own have one name for all buckets
	}
	if b, err = blob.OpenBucket(ctx, url+options); err != nil {
		return nil, "", fmt.Errorf("open %s: %w", url, err)
	}
	if s.buckets == nil {
		s.buckets = map[string]*blob.Bucket{}
	}
	s.buckets[url] = b
	return b, key, nil
}

// open opens a log as stream.Open does. An object is read in ranges.
func (s *store) open(ctx context.Context, name string) (*stream.Log, error) {
	b, key, err := s.bucket(ctx, name)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return stream.Open(ctx, name)
	}
	o := &object{ctx: ctx, bucket: b, key: key}
	info, err := o.Stat()
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	o.tag = info.Sys().(string)
	return stream.FromReaderAt(name, o, info.Size()).Unpacked(), nil
}

// glob returns the names of the logs that a pattern means. It does not cross
// slashes.
func (s *store) glob(ctx context.Context, pattern string) (all []string, err error) {
	b, keys, err := s.bucket(ctx, pattern)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return filepath.Glob(pattern)
	}
	list := b.List(&blob.ListOptions{Prefix: keys[:strings.IndexAny(keys, metas)]})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if ok, err := path.Match(keys, o.Key); err != nil {
			return nil, err
		} else if ok {
			all = append(all, strings.TrimSuffix(pattern, keys)+o.Key)
		}
	}
}

// metas make a name a pattern.
const metas = `*?[`

// window is how much of an object is asked for at most at a time: twice as much as
// the last time where it is read on, so that little is asked for in vain.
const window = 16 << 20

// object is an object of a bucket, read in ranges.
type object struct {
	ctx    context.Context
	bucket *blob.Bucket
	key    string
	tag    string // of its contents when it was opened

	mu      sync.Mutex
	body    *blob.Reader // what was asked for last,
	asked   int64        // of so many bytes,
	at, end int64        // of which these are still to be read
}

// ReadAt reads a part.
func (o *object) ReadAt(p []byte, at int64) (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for n < len(p) && err == nil {
		if o.body == nil || o.at != at || o.at == o.end {
			if err = o.ask(at, int64(len(p)-n)); err != nil {
				break
			}
		}
		var m int
		m, err = io.ReadFull(o.body, p[n:min(int64(len(p)), int64(n)+o.end-o.at)])
		n, at, o.at = n+m, at+int64(m), o.at+int64(m)
	}
	if err != nil && o.body != nil {
		o.body.Close()
		o.body = nil
	}
	return n, err
}

// ask asks for what begins at an offset, of which at least so much is wanted.
func (o *object) ask(at, least int64) (err error) {
	if o.body != nil && o.end == at {
		least = max(least, min(2*o.asked, window))
	}
	if o.body != nil {
		o.body.Close()
	}
	if o.body, err = o.bucket.NewRangeReader(o.ctx, o.key, at, least, nil); err != nil {
		return fmt.Errorf("read %s at byte %d: %w", o.key, at, err)
	}
	o.asked, o.at, o.end = least, at, min(at+least, o.body.Size())
	if o.at == o.end {
		return io.EOF
	}
	return nil
}

// Stat fails if the object is another one by now.
func (o *object) Stat() (fs.FileInfo, error) {
	a, err := o.bucket.Attributes(o.ctx, o.key)
	if err != nil {
		return nil, err
	}
	if o.tag != "" && a.ETag != o.tag {
		return nil, errors.New("it was replaced while it was read")
	}
	return objectInfo{a, path.Base(o.key)}, nil
}

// objectInfo is what is known of an object.
type objectInfo struct {
	*blob.Attributes
	name string
}

func (i objectInfo) Name() string       { return i.name }
func (i objectInfo) Size() int64        { return i.Attributes.Size }
func (i objectInfo) Mode() fs.FileMode  { return 0o444 }
func (i objectInfo) ModTime() time.Time { return i.Attributes.ModTime }
func (i objectInfo) IsDir() bool        { return false }
func (i objectInfo) Sys() any           { return i.ETag }
