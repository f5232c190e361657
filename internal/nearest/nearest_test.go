package nearest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWord(t *testing.T) {
	words := []string{"repair", "quarantine", "scan", "compact", "dead-letters"}
	for text, want := range map[string]string{
		"reapir": "repair", "REPIAR": "repair", "quarantin": "quarantine", "quar": "quarantine", "scna": "scan", "dead_letters": "dead-letters", "comapct": "compact",
		"xyzzy": "", "": "", "s": "", "r": "", strings.Repeat("repair", 100): "",
	} {
		require.Equal(t, want, Word(text, words), text)
	}
}
