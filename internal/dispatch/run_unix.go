//go:build unix

package dispatch

import (
	"fmt"
	"os"
	"syscall"

	"github.com/papyra-tools/papyra/internal/cli"
)

// run replaces this process by the program, so that signals, terminal and exit
// code are its own. It returns only if that failed.
func run(_ *cli.Env, path string, argv, environ []string) error {
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, argv, environ))
}

// handedOnBy is the process that would have handed a command to us: this one,
// before it was replaced.
func handedOnBy() int { return os.Getpid() }
