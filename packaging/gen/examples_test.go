package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each command that does something shows how. That the examples work is for
// TestPages in internal/e2e.
func TestExamples(t *testing.T) {
	programs, err := programs()
	require.NoError(t, err)
	for _, p := range programs {
		for _, c := range p.leaves() {
			if _, examples := split(c.Detail); c.Name != "version" {
				require.NotEmpty(t, examples, "%s %v has no examples", p.Name, c.Path)
			}
		}
	}
}
