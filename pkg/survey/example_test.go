package survey_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

func ExampleLog() {
	text := `{"kind":"event","timestamp":1}` + "\n" + `{"kind":"ev` + "\n"
	log := stream.FromReaderAt("example", strings.NewReader(text), int64(len(text)))
	r, err := survey.Log(context.Background(), log, survey.Options{})
	for _, a := range r.Anomalies {
		fmt.Printf("line %d, byte %d: %v\n", a.Line, a.Offset, a.Type)
	}
	fmt.Println("healthy:", r.Healthy, err)
	// Output:
	// line 2, byte 31: corrupted_line
	// healthy: false <nil>
}
