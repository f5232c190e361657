package main

import (
	"fmt"
	"strings"
)

// bash is the completion for bash: subcommands, flags, the words of a flag;
// where there is nothing, the shell offers files.
func bash(p *command) string {
	var b strings.Builder
	fn := "_" + strings.ReplaceAll(p.Name, "-", "_")
	fmt.Fprintf(&b, "# bash completion for %s; generated.\n%s() {\n", p.Name, fn)
	b.WriteString(`    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= word i
    COMPREPLY=()
    # --flag=value arrives as three words.
    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$path/$word" in
`)
	each(p, func(c *command) {
		for _, child := range c.Children {
			for _, name := range append([]string{child.Name}, child.Aliases...) {
				fmt.Fprintf(&b, "            %q) path=%q ;;\n", key(c)+"/"+name, key(child))
			}
		}
	})
	b.WriteString("        esac\n    done\n    case \"$path $prev\" in\n")
	each(p, func(c *command) {
		for _, f := range c.Flags {
			if len(f.Words) > 0 {
				fmt.Fprintf(&b, "        %q) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n", key(c)+" --"+f.Long, strings.Join(f.Words, " "))
			}
		}
	})
	b.WriteString("    esac\n    case \"$path\" in\n")
	each(p, func(c *command) {
		var words, flags []string
		for _, child := range c.Children {
			words = append(words, child.Name)
		}
		for _, f := range c.Flags {
			flags = append(flags, "--"+f.Long)
		}
		fmt.Fprintf(&b, "        %q) word=%q ;;\n", key(c), strings.Join(words, " ")+"|"+strings.Join(flags, " "))
	})
	b.WriteString("    esac\n    if [[ $cur == -* ]]; then word=${word#*|}; else word=${word%|*}; fi\n    COMPREPLY=($(compgen -W \"$word\" -- \"$cur\"))\n}\n")
	fmt.Fprintf(&b, "complete -o default -o bashdefault -F %s %s\n", fn, p.Name)
	return b.String()
}

// key names a subcommand within the generated code: "" for the program itself,
// /persistence/scan.
func key(c *command) string {
	var b strings.Builder
	for _, word := range c.Path {
		b.WriteString("/" + word)
	}
	return b.String()
}

// each calls f with a command and everything below it.
func each(c *command, f func(*command)) {
	f(c)
	for _, child := range c.Children {
		each(child, f)
	}
}
