package cli

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

type remedied []string

func (remedied) Error() string        { return "refused" }
func (r remedied) Remedies() []string { return r }

func TestHint(t *testing.T) {
	require.NoError(t, Hint(nil))
	plain := errors.New("plain")
	require.Equal(t, plain, Hint(plain))
	require.EqualError(t, Hint(remedied{}), "refused")
	require.EqualError(t, Hint(remedied{"wait"}), "refused (wait for it with --wait 30s)")
	err := Hint(fmt.Errorf("log: %w", remedied{"offline", "allow-race"}))
	require.EqualError(t, err, "log: refused (--offline if nobody writes or --allow-race goes on)")
	require.Equal(t, err, Hint(err), "once is enough")
}
