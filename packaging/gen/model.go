package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/dispatch"
)

// command is what is generated from: a program, or one of its subcommands.
type command struct {
	Name     string // papyra-scan; for a subcommand the last word
	Path     []string
	Aliases  []string
	Summary  string
	Detail   string // what Help() returns
	Paths    bool   // takes paths as arguments
	Flags    []option
	Children []*command
}

// option is one flag.
type option struct {
	Long    string
	Short   string // one letter, or ""
	Value   string // placeholder of its value; "" for a switch
	Words   []string
	Help    string
	Section string
	Env     string // the environment variable that sets it
	File    bool   // its value is the name of a file or directory
}

// programSteps are the binaries.
var programSteps = dispatch.Programs()

// programs is every binary, with its subcommands.
func programs() ([]*command, error) {
	var out []*command
	for _, p := range programSteps {
		env := &cli.Env{Stdout: io.Discard, Stderr: io.Discard}
		parser, err := cli.NewParser(env, p.Binary, p.Description, p.New())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Binary, err)
		}
		root := node(parser.Model.Node, nil, nil)
		root.Name, root.Summary = p.Binary, p.Description
		out = append(out, root)
	}
	return out, nil
}

// node converts a node of kong's model. Subcommands inherit the flags of their
// parents.
func node(n *kong.Node, path []string, inherited []option) *command {
	c := &command{Name: n.Name, Path: path, Aliases: n.Aliases, Summary: n.Help, Detail: n.Detail}
	for _, p := range n.Positional {
		c.Paths = c.Paths || p.Name == "path"
	}
	own := []option{}
	for _, f := range n.Flags {
		if !f.Hidden {
			own = append(own, toOption(f))
		}
	}
	c.Flags = slices.Concat(own, inherited)
	for _, child := range n.Children {
		if !child.Hidden {
			c.Children = append(c.Children, node(child, append(append([]string(nil), path...), child.Name), c.Flags))
		}
	}
	return c
}

func toOption(f *kong.Flag) option {
	o := option{Long: f.Name, Help: cli.FlagHelp(f.Value), Section: "Options"}
	if f.Short != 0 {
		o.Short = string(f.Short)
	}
	if !f.IsBool() && !f.IsCounter() {
		o.Value = strings.Trim(f.FormatPlaceHolder(), `"`)
	}
	if f.Group != nil {
		o.Section = strings.TrimSuffix(f.Group.Title, ":")
	}
	if f.Enum != "" {
		for _, w := range f.EnumSlice() {
			if w != "" {
				o.Words = append(o.Words, w)
			}
		}
	}
	if key := f.Tag.Get("setting"); key != "" {
		o.Env = cli.SettingEnv(key)
	}
	o.File = f.Tag.Get("file") != ""
	return o
}

// leaves are the commands below c that do something, c itself if it has no
// children.
func (c *command) leaves() []*command {
	if len(c.Children) == 0 {
		return []*command{c}
	}
	var out []*command
	for _, child := range c.Children {
		out = append(out, child.leaves()...)
	}
	return out
}
