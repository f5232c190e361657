package appendlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/pkg/appendlog"
)

func Example() {
	dir, _ := os.MkdirTemp("", "appendlog")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "events.ndjson")
	log, err := appendlog.Open(context.Background(), path)
	if err == nil {
		err = errors.Join(log.Append([]byte(`{"kind":"event","timestamp":1}`+"\n")), log.Close())
	}
	text, _ := os.ReadFile(path)
	fmt.Println(string(text), err)
	// Output:
	// {"kind":"event","timestamp":1}
	//  <nil>
}
