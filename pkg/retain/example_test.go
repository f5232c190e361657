package retain_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/retain"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func ExampleFilter() {
	text := `{"kind":"event","timestamp":1}` + "\n" + `{"kind":"ev` + "\n" + `{"kind":"event","timestamp":2}` + "\n"
	log, err := stream.FromReader("example", strings.NewReader(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	newest := policy.Policy{MaxRecords: new(int64(1))}
	s, err := retain.Filter(context.Background(), log, os.Stdout, newest, time.Now())
	fmt.Println(s.Records, "record of", s.Bytes, "bytes:", err)
	// Output:
	// {"kind":"event","timestamp":2}
	// 1 record of 31 bytes: <nil>
}
