package report

import (
	"fmt"
	"io"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/survey"
)

// head is a document without its files.
type head struct {
	Schema   int               `json:"schema"`
	Tool     string            `json:"tool"`
	Version  string            `json:"version"`
	Strict   bool              `json:"strict"`
	Healthy  bool              `json:"healthy"`
	Settings map[string]string `json:"settings,omitempty"`
	Total    Total             `json:"total"`
}

func (d *Document) head() head {
	return head{d.Schema, d.Tool, d.Version, d.Strict, d.Healthy, d.Settings, d.Total}
}

// writeJSON writes the document as encoding it at once would, indented, but holds one file at a time.
func writeJSON(w io.Writer, d *Document) error {
	out := &safeJSON{w: w}
	text, err := json.MarshalIndent(d.head(), "", "  ")
	if err != nil {
		return err
	}
	// The head ends in "\n}": the files go before the brace.
	if _, err := fmt.Fprintf(out, "%s,\n  \"files\": [", text[:len(text)-2]); err != nil {
		return err
	}
	for i, f := range d.Files {
		text, err := json.MarshalIndent(plain(f), "    ", "  ")
		if err != nil {
			return fmt.Errorf("encode the findings on %q: %w", f.Path, err)
		}
		comma := ","
		if i == 0 {
			comma = ""
		}
		if _, err := fmt.Fprintf(out, "%s\n    %s", comma, text); err != nil {
			return err
		}
	}
	end := "\n  ]\n}\n"
	if len(d.Files) == 0 {
		end = "]\n}\n"
	}
	_, err = io.WriteString(out, end)
	return err
}

// plain returns f with empty collections in place of absent ones, so that no reader meets a null where it wants a list.
func plain(f *survey.Result) *survey.Result {
	c := *f
	if c.Kinds == nil {
		c.Kinds = map[string]int64{}
	}
	if c.Counts == nil {
		c.Counts = map[string]int64{}
	}
	if c.Anomalies == nil {
		c.Anomalies = []anomaly{}
	}
	return &c
}
