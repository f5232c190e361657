package cli

import (
	"errors"
	"fmt"
	"strings"
)

// remedies are the flags for what an error says would help.
var remedies = map[string]string{
	"offline":     "--offline if nobody writes",
	"allow-race":  "--allow-race",
	"break-links": "--break-links",
	"wait":        "--wait 30s",
}

// hinted is an error with the flags that would help.
type hinted struct {
	error
	flags string
}

func (h *hinted) Error() string { return h.error.Error() + h.flags }

func (h *hinted) Unwrap() error { return h.error }

// Hint adds the flags that would help to an error that names its remedies,
// once. The rooms below know of no flags.
func Hint(err error) error {
	var done *hinted
	var named interface{ Remedies() []string }
	if err == nil || errors.As(err, &done) || !errors.As(err, &named) {
		return err
	}
	var flags []string
	for _, r := range named.Remedies() {
		if flag := remedies[r]; flag == remedies["wait"] {
			return &hinted{err, fmt.Sprintf(" (wait for it with %s)", flag)}
		} else if flag != "" {
			flags = append(flags, flag)
		}
	}
	if len(flags) == 0 {
		return err
	}
	return &hinted{err, " (" + strings.Join(flags, " or ") + " goes on)"}
}
