package pick_test

import (
	"fmt"

	"github.com/papyra-tools/papyra/internal/pick"
)

func ExamplePicker() {
	p := pick.New("event_type", "payload")
	values := make([][]byte, 2)
	p.Pick([]byte(`{"kind": "event", "event_type": "UserCreated", "payload": {"id": 42}, "timestamp": 1}`), values)
	name, _ := pick.AppendText(nil, values[0])
	fmt.Printf("%s %s\n", name, values[1])
	// Output: UserCreated {"id": 42}
}
