package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// stopped is why env.Ctx ended: a signal asked the process to stop.
type stopped struct {
	code int
	name string
}

func (s *stopped) Error() string { return s.name }

// withSignals returns a context that ends at the first SIGINT or SIGTERM;
// blocked reads of env.Stdin end with it. The second signal ends the process at
// once, as it would without us. SIGPIPE keeps its default: a closed output ends
// the process.
func withSignals(env *Env) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	wake := interruptibleStdin(env, ctx)
	go func() {
		sig, ok := <-ch
		if !ok {
			return
		}
		signal.Stop(ch)
		why := &stopped{code: 130, name: "interrupted"}
		if sig == syscall.SIGTERM {
			why = &stopped{code: 143, name: "terminated"}
		}
		cancel(why)
		wake()
	}()
	return ctx, func() { signal.Stop(ch); cancel(nil) }
}

// stopSignal is the signal that ended the context, if one did.
func stopSignal(ctx context.Context) *stopped {
	var s *stopped
	if ctx != nil && errors.As(context.Cause(ctx), &s) {
		return s
	}
	return nil
}
