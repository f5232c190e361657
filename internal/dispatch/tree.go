package dispatch

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
)

// tree is a pointer to a struct with a field for each command, as kong wants
// its grammar:
//
//	struct {
//		Persistence struct {
//			Scan scan.Command `cmd:"" name:"scan" help:"…"`
//			…
//		} `cmd:"" name:"persistence" help:"…"`
//		…
//	}
func tree(steps []cli.Step) any {
	var top []reflect.StructField
	var words []string
	members := map[string][]reflect.StructField{}
	for _, s := range steps {
		if short(s) {
			top = append(top, command(s.Name(), s))
		}
	}
	for _, s := range steps {
		group, name, nested := strings.Cut(s.Words, " ")
		if !nested {
			top = append(top, command(s.Words, s))
			continue
		}
		if !slices.Contains(words, group) {
			words = append(words, group)
		}
		members[group] = append(members[group], command(name, s))
	}
	for _, group := range words {
		f := field(group, groups[group], nil, reflect.StructOf(members[group]))
		f.Tag += reflect.StructTag(` set:"missing=` + cli.MissingDefault("papyra "+group) + `"`)
		top = append(top, f)
	}
	return reflect.New(reflect.StructOf(top)).Interface()
}

func command(name string, s cli.Step) reflect.StructField {
	return field(name, s.Description, s.Aliases, reflect.TypeOf(s.New()).Elem())
}

// bare leaves of the steps their subcommands and no flag, which kong would take
// most of the time of a start to look at.
func bare(steps []cli.Step) []cli.Step {
	for i, s := range steps {
		t := namesOf(reflect.TypeOf(s.New()).Elem())
		steps[i].New = func() any { return reflect.New(t).Interface() }
	}
	return steps
}

// namesOf leaves of a command its subcommands.
func namesOf(t reflect.Type) reflect.Type {
	var kept []reflect.StructField
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("help") != "" && strings.Contains(string(f.Tag), `cmd:""`) {
			kept = append(kept, reflect.StructField{Name: f.Name, Type: namesOf(f.Type), Tag: f.Tag})
		}
	}
	return reflect.StructOf(kept)
}

// field is a field of the grammar. Its own name only has to be exported and
// unique.
func field(name, help string, aliases []string, t reflect.Type) reflect.StructField {
	tag := fmt.Sprintf(`cmd:"" name:%q help:%q`, name, strings.ReplaceAll(help, "$", "$$"))
	if len(aliases) > 0 {
		tag += fmt.Sprintf(` aliases:%q`, strings.Join(aliases, ","))
	}
	return reflect.StructField{Name: "C_" + strings.ReplaceAll(name, "-", "_"), Type: t, Tag: reflect.StructTag(tag)}
}
