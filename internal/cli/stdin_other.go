//go:build !unix

package cli

import "context"

// interruptibleStdin does nothing here: a blocked read ends with the second
// interrupt.
func interruptibleStdin(*Env, context.Context) (wake func()) { return func() {} }
