package appendlog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/pkg/appendlog"
)

func Example() {
	dir, err := os.MkdirTemp("", "appendlog")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "events.ndjson")

	log, err := appendlog.Open(context.Background(), path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	if err := log.Append([]byte(`{"kind":"event","timestamp":1}` + "\n")); err != nil {
		fmt.Println(err)
		return
	}

	text, err := os.ReadFile(path)
	fmt.Print(string(text), err, "\n")
	// Output:
	// {"kind":"event","timestamp":1}
	// <nil>
}
