// Command gen writes the man pages and shell completions of all programs, from
// the same flag definitions that the programs use.
//
//	go run ./packaging/gen -out dist
//
// It writes OUT/man/man1/NAME.1, OUT/completions/bash/NAME,
// OUT/completions/zsh/_NAME and OUT/completions/fish/NAME.fish; with -schema
// FILE the schema of the settings file alone, with -logs FILE that of the files
// that name logs. The output depends on the flags and the version only, so that
// packages can be built reproducibly.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "dist", "directory to write to")
	schema := flag.String("schema", "", "write the schema of the settings file to this file, and nothing else")
	logs := flag.String("logs", "", "write the schema of the files that name logs to this file, and nothing else")
	flag.Parse()
	make := func() error { return generate(*out) }
	switch {
	case *schema != "":
		make = func() error { return generateSchema(*schema, settingsSchema) }
	case *logs != "":
		make = func() error { return generateSchema(*logs, logsSchema) }
	}
	if err := make(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generateSchema(name string, schema func() ([]byte, error)) error {
	text, err := schema()
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

func generate(out string) error {
	programs, err := programs()
	if err != nil {
		return err
	}
	for _, p := range programs {
		for name, content := range map[string]string{
			"man/man1/" + p.Name + ".1":            man(p),
			"completions/bash/" + p.Name:           bash(p),
			"completions/zsh/_" + p.Name:           zsh(p),
			"completions/fish/" + p.Name + ".fish": fish(p),
		} {
			path := filepath.Join(out, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return fmt.Errorf("write %s: %w", name, err)
			}
			if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, []byte(content)) {
				continue
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				return fmt.Errorf("write %s: %w", name, err)
			}
		}
	}
	return nil
}
