package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// helpGroups are the sections of --help, in the order in which they are shown.
// Flags without a group, those that only one command has, come before them.
var helpGroups = []kong.Group{
	{Key: "action", Title: "What to do:"},
	{Key: "input", Title: "Input:"},
	{Key: "selection", Title: "Selection:"},
	{Key: "retention", Title: "Retention:"},
	{Key: "checking", Title: "Checking:"},
	{Key: "rewriting", Title: "Rewriting a live log:"},
	{Key: "output", Title: "Output:"},
	{Key: "general", Title: "General:"},
}

// sortFlags puts the flags of every command in the order of the sections.
func sortFlags(k *kong.Kong) error {
	general := &helpGroups[len(helpGroups)-1]
	for _, f := range k.Model.Flags {
		if f.Group == nil && slices.Contains([]string{"help", "config", "version"}, f.Name) {
			f.Group = general
		}
	}
	rank := func(f *kong.Flag) int {
		if f.Group == nil {
			return -1
		}
		return slices.IndexFunc(helpGroups, func(g kong.Group) bool { return g.Key == f.Group.Key })
	}
	return kong.Visit(k.Model.Node, func(v kong.Visitable, next kong.Next) error {
		if n, ok := v.(*kong.Node); ok {
			for _, f := range n.Flags {
				nameGroup(f.Group)
			}
			slices.SortStableFunc(n.Flags, func(a, b *kong.Flag) int { return rank(a) - rank(b) })
		}
		return next(nil)
	})
}

// nameGroup gives the section of a single command, which is in no list, a title
// that is made of its key.
func nameGroup(g *kong.Group) {
	if g != nil && g.Title == g.Key && g.Key != "" {
		g.Title = strings.ToUpper(g.Key[:1]) + g.Key[1:] + ":"
	}
}

// printHelp shows a subcommand as it is shown as a binary of its own: with the
// flags of the root last. The model is changed for that, which is harmless: the
// process ends after the help.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if n := ctx.Selected(); n != nil && n.Leaf() {
		n.Flags = append(n.Flags, ctx.Model.Flags...)
		ctx.Model.Flags = nil
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return &ExitError{Code: ExitFailed, Err: err} // asking for help is no wrong usage
	}
	return nil
}

// helpValue is the help of one flag, with the environment variable that sets
// it.
func helpValue(value *kong.Value) string {
	help := FlagHelp(value)
	if value.Tag == nil {
		return help
	}
	if key := value.Tag.Get("setting"); key != "" {
		help += " [$" + SettingEnv(key) + "]"
	}
	return help
}

// FlagHelp is the help of one flag as --help and the man pages show it, with
// the default, unless the help tells of that in its own words.
func FlagHelp(value *kong.Value) string {
	help := value.Help
	if value.Enum != "" {
		help = strings.ReplaceAll(help, value.Enum, strings.Join(value.EnumSlice(), ", "))
	}
	if value.Default != "" && !strings.Contains(help, "default") {
		help = strings.TrimSuffix(help, ".") + " (default " + value.Default + ")."
	}
	return help
}
