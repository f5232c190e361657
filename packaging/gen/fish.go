package main

import (
	"fmt"
	"strings"
)

// fish is the completion for fish.
func fish(p *command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for %s; generated.\n", p.Name)
	each(p, func(c *command) {
		for _, child := range c.Children {
			for _, name := range append([]string{child.Name}, child.Aliases...) {
				fmt.Fprintf(&b, "complete -c %s -f -n %s -a %s -d %s\n", p.Name, fishQuote(within(c, true)), name, fishQuote(strings.TrimSuffix(child.Summary, ".")))
			}
		}
		if len(c.Children) > 0 && len(p.Children) > 0 && len(c.Path) > 0 {
			return // flags belong to what does something
		}
		for _, f := range c.Flags {
			line := fmt.Sprintf("complete -c %s -l %s", p.Name, f.Long)
			if f.Short != "" {
				line += " -s " + f.Short
			}
			if condition := within(c, false); condition != "" {
				line += " -n " + fishQuote(condition)
			}
			switch {
			case len(f.Words) > 0:
				line += " -x -a " + fishQuote(strings.Join(f.Words, " "))
			case f.File:
				line += " -r -F"
			case f.Value != "":
				line += " -x"
			}
			fmt.Fprintf(&b, "%s -d %s\n", line, fishQuote(f.Help))
		}
	})
	return b.String()
}

// within is the condition that the words so far have selected a command; with
// next, and none of its subcommands yet.
func within(c *command, next bool) string {
	var parts []string
	for _, word := range c.Path {
		parts = append(parts, "__fish_seen_subcommand_from "+word)
	}
	if next {
		var names []string
		for _, child := range c.Children {
			names = append(append(names, child.Name), child.Aliases...)
		}
		if len(c.Path) == 0 {
			return "__fish_use_subcommand"
		}
		parts = append(parts, "not __fish_seen_subcommand_from "+strings.Join(names, " "))
	}
	return strings.Join(parts, "; and ")
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
