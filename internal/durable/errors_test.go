package durable_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// What errors say, and with which code the steps end for them.
func TestErrors(t *testing.T) {
	holders := []durable.Holder{{PID: 1, Command: "a\x1b", FD: 3}, {PID: 2, Command: "b", FD: 4}}
	for _, tt := range []struct {
		err   error
		says  string
		code  int
		helps []string
		cause error
	}{
		{&durable.LockedError{Path: "l"}, "l: another maintenance run holds the log", 75, []string{durable.RemedyWait}, nil},
		{&durable.RefusedError{Path: "l", Reason: "so", Allow: []string{"x"}, Err: io.EOF}, "refused to rewrite l: so", 1, []string{"x"}, io.EOF},
		{&durable.WriterHoldsLogError{Path: "l"}, "refused to rewrite l: a process that is not visible from here keeps it open for writing; " +
			"every record is kept and the log is as it was", 1, nil, nil},
		{&durable.WriterHoldsLogError{Path: "l", Holders: holders, Pending: true, Err: io.EOF}, "refused to rewrite l: process 1 (a\\x1b) keeps it open " +
			"for writing as descriptor 3, process 2 (b) keeps it open for writing as descriptor 4; every record is kept; " +
			"the next run finishes what is left: EOF", 1, nil, io.EOF},
		{&durable.UnfinishedError{Path: "l", Err: io.EOF}, "rewrite l: EOF; every record is kept, and the next run finishes what is left", 1, nil, io.EOF},
		{&durable.DurabilityError{Path: "l", Err: io.EOF}, "fsync l failed, what was appended since the last good one is of unknown durability: EOF",
			1, nil, io.EOF},
		{&durable.AppendError{Path: "l", Written: 7, Torn: 2, Err: io.EOF}, "append to l: EOF after 7 bytes; 2 bytes of a torn line stay", 1, nil, io.EOF},
		{&durable.AppendError{Path: "l", Err: io.EOF}, "append to l: EOF after 0 bytes", 1, nil, io.EOF},
	} {
		require.EqualError(t, tt.err, tt.says)
		require.Equal(t, tt.code, tt.err.(interface{ ExitCode() int }).ExitCode())
		if r, ok := tt.err.(interface{ Remedies() []string }); ok {
			require.Equal(t, tt.helps, r.Remedies())
		}
		require.Equal(t, tt.cause, errors.Unwrap(tt.err))
	}
	require.ErrorIs(t, &durable.LockedError{Path: "l"}, durable.ErrLocked)
}
