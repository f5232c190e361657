//go:build !unix

package dispatch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/papyra-tools/papyra/internal/cli"
)

// run runs the program with our streams and passes its exit code on.
func run(env *cli.Env, path string, argv, environ []string) error {
	cmd := exec.Command(path)
	cmd.Args, cmd.Env = argv, environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.StdinFile, env.StdoutFile, env.StderrFile
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return cli.Exit(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}

// handedOnBy is the process that would have handed a command to us: the parent.
func handedOnBy() int { return os.Getppid() }
