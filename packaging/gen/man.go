package main

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
)

// man is the man page of a program.
func man(p *command) string {
	var r roff
	r.line(`.TH %s 1 "" "papyra %s" "Papyra manual"`, strings.ToUpper(p.Name), cli.Version())
	r.section("Name")
	r.line(`%s \- %s`, escape(p.Name), escape(strings.TrimSuffix(p.Summary, ".")))
	r.section("Synopsis")
	synopsis(&r, p)
	prose, examples := split(p.Detail)
	r.section("Description")
	r.text(p.Summary)
	r.blocks(prose)
	if len(p.Children) > 0 {
		r.section("Commands")
		for _, leaf := range p.leaves() {
			subcommand(&r, p, leaf)
		}
	}
	options(&r, p)
	if len(examples) > 0 {
		r.section("Examples")
		r.blocks(examples)
	}
	r.section("Exit status")
	for _, e := range cli.ExitMeanings() {
		r.tagged(fmt.Sprintf(`\fB%d\fR`, e.Code), e.Meaning)
	}
	environment(&r, p)
	files(&r)
	r.section("See also")
	var others []string
	for _, b := range programSteps {
		if b.Binary != p.Name {
			others = append(others, fmt.Sprintf(`\fB%s\fR(1)`, escape(b.Binary)))
		}
	}
	r.line("%s", strings.Join(others, ",\n"))
	return r.String()
}

func synopsis(r *roff, p *command) {
	for i, leaf := range p.leaves() {
		if i > 0 {
			r.line(".br")
		}
		words := append([]string{p.Name}, leaf.Path...)
		line := `\fB` + escape(strings.Join(words, " ")) + `\fR [\fIflags\fR]`
		if leaf.Paths {
			line += ` [\fIpath\fR ...]`
		}
		r.line("%s", line)
	}
}

// subcommand describes a command of the dispatcher. A step that is a program of
// its own has its flags in its own page.
func subcommand(r *roff, p, c *command) {
	title := strings.Join(c.Path, " ")
	if len(c.Aliases) > 0 {
		title += " (also: " + strings.Join(c.Aliases, ", ") + ")"
	}
	r.line(".SS %s", escape(title))
	r.text(c.Summary)
	if own := ownProgram(c); own != "" && p.Name != own {
		r.line(".PP")
		r.line(`See \fB%s\fR(1) for its flags.`, escape(own))
		return
	}
	prose, examples := split(c.Detail)
	r.blocks(prose)
	for _, f := range c.Flags {
		if f.Section != "General" {
			r.option(f)
		}
	}
	r.blocks(examples)
}

// ownProgram is the name of the program that is the same as a subcommand, "" if
// there is none.
func ownProgram(c *command) string {
	for _, step := range programSteps {
		if c.Name == step.Name() && (len(c.Path) == 1 || c.Path[0] == "persistence") {
			return step.Binary
		}
	}
	return ""
}

func options(r *roff, p *command) {
	if len(p.Flags) == 0 {
		return
	}
	r.section("Options")
	section := "Options"
	for _, f := range p.Flags {
		if f.Section != section {
			section = f.Section
			r.line(".SS %s", escape(section))
		}
		r.option(f)
	}
}

func environment(r *roff, p *command) {
	r.section("Environment")
	r.text("A flag that is not given is taken from its environment variable, then from the settings file.")
	seen := map[string]bool{}
	for _, leaf := range p.leaves() {
		if leaf.Paths && !seen["PAPYRA_PATH"] {
			seen["PAPYRA_PATH"] = true
			r.tagged(`\fBPAPYRA_PATH\fR`, "The log to work on, where no path is given and no data is piped in.")
		}
		for _, f := range leaf.Flags {
			if f.Env != "" && !seen[f.Env] {
				seen[f.Env] = true
				r.tagged(`\fB`+f.Env+`\fR`, "Sets --"+f.Long+".")
			}
		}
	}
	r.tagged(`\fBPAPYRA_CONFIG\fR`, "The settings file, as with --config.")
	r.tagged(`\fBNO_COLOR\fR`, "If set to anything, no colour is used.")
}

func files(r *roff) {
	r.section("Files")
	r.text("The first of these that exists holds settings, as a JSON object with the names of the environment variables in lower case and without PAPYRA_, for instance {\"path\": \"/var/lib/app/events.ndjson\", \"max_age\": \"7d\"}:")
	for _, f := range []string{"$XDG_CONFIG_HOME/papyra/papyra.json (~/.config/papyra/papyra.json)", "/etc/papyra.json"} {
		r.line(".br")
		r.line("%s", escape(f))
	}
}
