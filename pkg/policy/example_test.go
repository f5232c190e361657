package policy_test

import (
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/pkg/policy"
)

// A log is read from its end until no older record can stay.
func Example() {
	log := []policy.Record{
		{Timestamp: 1710000000, Dated: true, Bytes: 40},
		{Timestamp: 1710003600, Dated: true, Bytes: 50},
		{Timestamp: 1710007200, Dated: true, Bytes: 60},
	}
	p := policy.Policy{MaxAge: new(24 * time.Hour), MaxBytes: new(int64(120))}
	pass := p.At(time.Unix(1710010800, 0)).Backward()
	for i := len(log) - 1; i >= 0 && !pass.Done(); i-- {
		if limit := pass.Next(log[i]); limit != policy.None {
			fmt.Printf("record %d goes for %s\n", i, limit)
		} else {
			fmt.Printf("record %d stays\n", i)
		}
	}
	// Output:
	// record 2 stays
	// record 1 stays
	// record 0 goes for max_total_bytes
}
