//go:build unix

package opening

import "syscall"

// nonBlock has the opening of a FIFO return at once.
const nonBlock = syscall.O_NONBLOCK
