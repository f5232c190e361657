package mend_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func ExampleRepair() {
	text := `{"kind":"ev{"kind":"event","timestamp":1}` + "\n" + `{"kind":"audit",` + "\n" + `{"kind":"event","timestamp":2}`
	log, err := stream.FromReader("example", strings.NewReader(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := mend.Repair(context.Background(), log, os.Stdout, mend.Options{})
	fmt.Println(s.Lines, "lines changed,", s.BytesDropped, "bytes dropped:", err)
	// Output:
	// {"kind":"event","timestamp":1}
	// {"kind":"event","timestamp":2}
	// 3 lines changed, 28 bytes dropped: <nil>
}
