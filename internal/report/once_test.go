package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// of returns a report that was made on a host.
func of(t *testing.T, host string, paths ...string) string {
	d := newHeld(false)
	for _, path := range paths {
		d.Add(result(path))
	}
	return on(t, host, d)
}

func on(t *testing.T, host string, d *held) string {
	return strings.Replace(show(t, JSON, d, Options{}), `"host": ""`, fmt.Sprintf(`"host": %q`, host), 1)
}

// What would count twice is refused by name; what only looks like it counts.
func TestMergeTakesALogOnce(t *testing.T) {
	part := result("a")
	part.SizeBytes = part.Bytes
	part.Shard = &survey.Shard{To: part.Bytes, Host: "x"}
	cut := on(t, "x", newHeld(false, part))
	both := func(texts ...string) string {
		d, err := merge(false, texts...)
		require.NoError(t, err)
		return on(t, d.Host, d)
	}
	for _, texts := range [][]string{
		{of(t, "x", "a", "b"), of(t, "x", "b2", "a")},
		{of(t, "x", "a", "a")},
		{of(t, "x", "a"), cut},
		{cut, of(t, "y", "b"), of(t, "x", "a")},
		{both(of(t, "x", "a"), of(t, "y", "a")), of(t, "x", "a")},
		{both(cut, of(t, "y", "a")), of(t, "x", "a")},
		{both(of(t, "y", "b"), of(t, "x", "a")), both(of(t, "x", "a"), of(t, "z", "c"))},
	} {
		_, err := merge(false, texts...)
		require.ErrorContains(t, err, "merge reports: a is in two reports of the host x", "%s", texts)
	}
	for n, texts := range [][]string{
		2: {of(t, "x", "a"), of(t, "y", "a")},
		3: {of(t, "x", "-", "-"), of(t, "x", "-")},
		4: {both(of(t, "x", "a"), of(t, "y", "a")), both(of(t, "z", "a"), of(t, "w", "a"))},
	} {
		if texts == nil {
			continue
		}
		d, err := merge(false, texts...)
		require.NoError(t, err)
		require.Len(t, d.Files, n)
		again := on(t, d.Host, d)
		require.Equal(t, again, both(again))
	}
	one := both(of(t, "x", "a"), of(t, "x", "b"))
	require.Equal(t, 1, strings.Count(one, `"host"`), "of one host, it stands at the top only")
}

// More logs than are held in memory are told apart too.
func TestOnceHoldsABoundedPart(t *testing.T) {
	const n = onceBytes / 20
	o := once{spool.Sorter{Limit: onceBytes}}
	defer o.marks.Close()
	for i := range int64(n) {
		require.NoError(t, o.add(&survey.Result{Path: fmt.Sprint(i), Host: "x"}, i))
	}
	read := func(at int64) (*survey.Result, error) { return &survey.Result{Path: fmt.Sprint(at), Host: "x"}, nil }
	require.NoError(t, o.check(read))
	require.NoError(t, o.add(&survey.Result{Path: "4711", Host: "x"}, n))
	require.ErrorContains(t, o.check(read), fmt.Sprint(n, " is in two reports of the host x"))
}
