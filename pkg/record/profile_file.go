package record

import (
	"errors"
	"strings"

	"github.com/papyra-tools/papyra/internal/jsonfile"
	"github.com/papyra-tools/papyra/internal/nearest"
)

// maxProfileBytes is how large a profile's file may be: what is larger is
// something else.
const maxProfileBytes = 64 << 10

// ParseProfile reads the file format of profiles, a JSON object (see
// profile.schema.json). What can't be meant is an error that says where: an
// unknown or repeated key, a wrong type, a path that is too deep, a kind that
// is listed twice.
//
// "require" defaults to the fields of kind and time.
func ParseProfile(data []byte) (*Profile, error) {
	if len(data) > maxProfileBytes {
		return nil, errors.New("1:1: too large for a profile")
	}
	top, err := jsonfile.Parse(data)
	if err != nil {
		return nil, err
	}
	p := &Profile{}
	required := false
	known := []string{"name", "about", "kind", "time", "require", "id", "refers", "message", "top", "marks", "sources"}
	err = top.Object("profile", known, func(key string, v jsonfile.Value) (err error) {
		switch key {
		case "name":
			p.Name, err = profileName(v)
		case "about":
			p.About, err = v.Text(key)
		case "kind":
			p.Kind, err = kindRule(v)
		case "time":
			p.Time, err = timeRule(v)
		case "require":
			required = true
			p.Require, err = alternatives(key, v)
		case "id":
			p.ID, err = field(key, v)
		case "refers":
			p.Refers, err = field(key, v)
		case "message":
			p.Message, err = field(key, v)
		case "top":
			p.Top, err = fields(key, v)
		case "marks":
			p.Marks, err = alternatives(key, v)
		case "sources":
			p.Sources, err = sources(v)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, top.Errorf(`a profile has a "name"`)
	}
	if p.Refers != "" && p.ID == "" {
		return nil, top.Errorf(`"refers" requires "id", which says what is referred to`)
	}
	if !required {
		for _, f := range []Field{p.Kind.Field, p.Time.Field} {
			if f != "" {
				p.Require = append(p.Require, []Field{f})
			}
		}
	}
	if _, err := newRules(p, nil); err != nil {
		return nil, top.Errorf("%v", err)
	}
	return p, nil
}

func profileName(v jsonfile.Value) (string, error) {
	name, err := v.Text("name")
	if err != nil {
		return "", err
	}
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || name == "auto" {
		return "", v.Errorf(`name %q: want lower-case letters, digits, "_" and "-", and not "auto"`, name)
	}
	return name, nil
}

func kindRule(v jsonfile.Value) (rule KindRule, err error) {
	err = v.Object("kind", []string{"field", "known"}, func(key string, v jsonfile.Value) (err error) {
		if key == "field" {
			rule.Field, err = field("kind.field", v)
			return err
		}
		items, err := v.Array("kind.known")
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return v.Errorf("kind.known: an empty list would know no kind; leave it out to know all")
		}
		seen := map[KindValue]bool{}
		for _, item := range items {
			value, err := kindValue(item)
			if err != nil {
				return err
			}
			if seen[value] {
				return item.Errorf("kind.known: %q is listed twice", value.Text)
			}
			seen[value] = true
			rule.Known = append(rule.Known, value)
		}
		return nil
	})
	if err == nil && rule.Field == "" {
		err = v.Errorf(`kind: "field" is missing`)
	}
	return rule, err
}

func kindValue(v jsonfile.Value) (KindValue, error) {
	if text, ok := v.Token.(string); ok {
		return KindValue{Text: text}, nil
	}
	if text, ok := v.Number(); ok && strings.Trim(text, "-0123456789") == "" {
		return KindValue{Text: text, Integer: true}, nil
	}
	return KindValue{}, v.Errorf("kind.known: want strings or integers, not %s", v.Type())
}

func timeRule(v jsonfile.Value) (rule TimeRule, err error) {
	format := false
	err = v.Object("time", []string{"field", "format", "bare"}, func(key string, v jsonfile.Value) error {
		switch key {
		case "field":
			rule.Field, err = field("time.field", v)
			return err
		case "bare":
			bare, ok := v.Token.(bool)
			if !ok {
				return v.Errorf("time.bare: want a boolean, not %s", v.Type())
			}
			rule.Bare = bare
			return nil
		}
		name, err := v.Text("time.format")
		if err != nil {
			return err
		}
		for i, n := range timeFormats {
			if n == name {
				rule.Format, format = TimeFormat(i), true
				return nil
			}
		}
		return v.Errorf("time.format: unknown format %q%s", name, nearest.DidYouMean(name, timeFormats[:]))
	})
	switch {
	case err != nil:
	case rule.Field == "":
		err = v.Errorf(`time: "field" is missing`)
	case !format:
		err = v.Errorf(`time: "format" is missing: one of %s`, strings.Join(timeFormats[:], ", "))
	}
	return rule, err
}

func field(what string, v jsonfile.Value) (Field, error) {
	name, err := v.Text(what)
	if err != nil {
		return "", err
	}
	if err := Field(name).Check(); err != nil {
		return "", v.Errorf("%s: %v", what, err)
	}
	return Field(name), nil
}

func fields(what string, v jsonfile.Value) ([]Field, error) {
	items, err := v.Array(what)
	if err != nil {
		return nil, err
	}
	var out []Field
	for _, item := range items {
		f, err := field(what, item)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// alternatives reads a list of fields, or of lists of which one field suffices.
func alternatives(what string, v jsonfile.Value) ([][]Field, error) {
	items, err := v.Array(what)
	if err != nil {
		return nil, err
	}
	if len(items) > maxRequired {
		return nil, v.Errorf("%s: at most %d entries are allowed", what, maxRequired)
	}
	out := make([][]Field, 0, len(items))
	for _, item := range items {
		var any []Field
		if item.IsArray() {
			if any, err = fields(what, item); err == nil && len(any) == 0 {
				err = item.Errorf("%s: an empty list can't be fulfilled", what)
			}
		} else {
			any = make([]Field, 1)
			any[0], err = field(what, item)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, any)
	}
	return out, nil
}

// maxRequired bounds what is asked of each line.
const maxRequired = 16

func sources(v jsonfile.Value) (out []struct{ Title, URL string }, err error) {
	items, err := v.Array("sources")
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		var s struct{ Title, URL string }
		err := item.Object("sources", []string{"title", "url"}, func(key string, v jsonfile.Value) (err error) {
			if key == "title" {
				s.Title, err = v.Text("title")
			} else {
				s.URL, err = v.Text("url")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
