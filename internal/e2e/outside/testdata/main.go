// Command outside is a program of another module: it scans the log that is
// named, appends to it, and writes what repair and the newest record are.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/papyra-tools/papyra/pkg/appendlog"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/retain"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

func scan(ctx context.Context, path string) error {
	r, err := survey.File(ctx, path, survey.Options{})
	for _, a := range r.Anomalies {
		fmt.Printf("line %d, byte %d: %v %v\n", a.Line, a.Offset, a.Severity, a.Type)
	}
	return err
}

func repair(ctx context.Context, r io.Reader, w io.Writer) error {
	log, err := stream.FromReader("input", r)
	if err != nil {
		return err
	}
	_, err = mend.Repair(ctx, log, w, mend.Options{})
	return err
}

func newest(ctx context.Context, path string, n int64, w io.Writer) error {
	log, err := stream.Open(ctx, path)
	if err != nil {
		return err
	}
	defer log.Close()
	_, err = retain.Filter(ctx, log, w, policy.Policy{MaxRecords: &n}, time.Now())
	return err
}

func add(ctx context.Context, path, line string) error {
	log, err := appendlog.Open(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(log.Append([]byte(line+"\n")), log.Close())
}

func main() {
	ctx, path := context.Background(), os.Args[1]
	f, err := os.Open(path)
	if err == nil {
		err = errors.Join(scan(ctx, path), repair(ctx, f, os.Stdout),
			add(ctx, path, `{"kind":"event","timestamp":3}`), newest(ctx, path, 1, os.Stdout))
	}
	if err != nil {
		log.Fatal(err)
	}
}
