package main

import (
	"fmt"
	"strings"
)

// zsh is the completion for zsh.
func zsh(p *command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n# zsh completion for %s; generated.\n", p.Name, p.Name)
	each(p, func(c *command) { zshFunction(&b, p.Name, c) })
	fmt.Fprintf(&b, "\n%s \"$@\"\n", zshName(p.Name, key(p)))
	return b.String()
}

func zshName(program, key string) string {
	return "_" + strings.NewReplacer("-", "_", "/", "__").Replace(program+key)
}

func zshFunction(b *strings.Builder, program string, c *command) {
	fmt.Fprintf(b, "\n%s() {\n", zshName(program, key(c)))
	if len(c.Children) > 0 {
		b.WriteString("    local line state\n    local -a commands=(\n")
		for _, child := range c.Children {
			for _, name := range append([]string{child.Name}, child.Aliases...) {
				fmt.Fprintf(b, "        %s\n", zshQuote(name+":"+strings.TrimSuffix(child.Summary, ".")))
			}
		}
		b.WriteString("    )\n")
	}
	b.WriteString("    _arguments -s -S")
	for _, f := range c.Flags {
		b.WriteString(" \\\n        " + zshFlag(f))
	}
	switch {
	case len(c.Children) > 0:
		b.WriteString(" \\\n        '1: :->command' '*:: :->rest'\n    case $state in\n        command) _describe command commands ;;\n        rest)\n            case $line[1] in\n")
		for _, child := range c.Children {
			names := strings.Join(append([]string{child.Name}, child.Aliases...), "|")
			fmt.Fprintf(b, "                %s) %s ;;\n", names, zshName(program, key(child)))
		}
		b.WriteString("            esac ;;\n    esac\n")
	case c.Paths:
		b.WriteString(" \\\n        '*:path:_files'\n")
	default:
		b.WriteString("\n")
	}
	b.WriteString("}\n")
}

func zshFlag(f option) string {
	help := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(f.Help)
	spec := "--" + f.Long
	value := ""
	if f.Value != "" {
		spec += "="
		action := ""
		switch {
		case len(f.Words) > 0:
			action = "(" + strings.Join(f.Words, " ") + ")"
		case f.File:
			action = "_files"
		}
		value = ":" + strings.NewReplacer(":", `\:`).Replace(f.Value) + ":" + action
	}
	out := zshQuote("*" + spec + "[" + help + "]" + value)
	if f.Short != "" {
		out += " " + zshQuote("*-"+f.Short+"["+help+"]"+value)
	}
	return out
}

func zshQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
