package cli

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
)

// settingsParser reads a settings file with its eye on places, so that each
// mistake can be pointed at.
type settingsParser struct {
	name   string
	data   []byte
	dec    *stdjson.Decoder
	values map[string]string
	places map[string]string // FILE:LINE:COLUMN of the values
}

// parseSettings reads a flat object of settings, or one with an object
// "persistence" that holds them.
func parseSettings(name string, data []byte) (settings, error) {
	p := &settingsParser{name: name, data: data, dec: stdjson.NewDecoder(bytes.NewReader(data)), values: map[string]string{}, places: map[string]string{}}
	if !stdjson.Valid(data) {
		return settings{}, p.invalid()
	}
	start := p.next()
	if token, err := p.dec.Token(); err != nil || token != stdjson.Delim('{') {
		return settings{}, p.at(start, errors.New("not a JSON object"))
	}
	return settings{file: name, values: p.values, places: p.places}, p.object("")
}

// invalid says where the text stops being JSON.
func (p *settingsParser) invalid() error {
	var v any
	err := stdjson.Unmarshal(p.data, &v)
	var syntax *stdjson.SyntaxError
	if errors.As(err, &syntax) {
		return p.at(max(syntax.Offset-1, 0), fmt.Errorf("not JSON: %w", err))
	}
	return p.at(0, fmt.Errorf("not JSON: %w", err))
}

// object reads the members of an object that has been begun, and its end.
func (p *settingsParser) object(prefix string) error {
	seen := map[string]bool{}
	for p.dec.More() {
		start := p.next()
		token, err := p.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		value := p.next()
		switch {
		case seen[key]:
			return p.at(start, fmt.Errorf("%q is set twice", prefix+key))
		case key == "persistence" && prefix == "":
			if token, err := p.dec.Token(); err != nil || token != stdjson.Delim('{') {
				return p.at(value, errors.New("persistence: want a JSON object"))
			}
			if err := p.object("persistence."); err != nil {
				return err
			}
		case indexOf(settingKeys, key) < 0:
			return p.at(start, fmt.Errorf("unknown key %q%s", prefix+key, DidYouMean(key, settingKeys)))
		default:
			if err := p.setting(prefix, key, value); err != nil {
				return err
			}
		}
		seen[key] = true
	}
	_, err := p.dec.Token()
	return err
}

func (p *settingsParser) setting(prefix, key string, at int64) error {
	var raw stdjson.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return err
	}
	text, ok, err := settingText([]byte(raw))
	if err != nil {
		return p.at(at, fmt.Errorf("%s%s: %w", prefix, key, err))
	}
	if _, twice := p.values[key]; twice {
		return p.at(at, fmt.Errorf("%q is set twice, at the top and in persistence", key))
	}
	if ok {
		p.values[key], p.places[key] = text, p.place(at)
	}
	return nil
}

// next is the offset of the next token: white space, colon and comma are passed
// over.
func (p *settingsParser) next() int64 {
	n := p.dec.InputOffset()
	for n < int64(len(p.data)) && bytes.IndexByte([]byte(" \t\r\n:,"), p.data[n]) >= 0 {
		n++
	}
	return n
}

// at adds the place to an error.
func (p *settingsParser) at(offset int64, err error) error {
	return fmt.Errorf("%s: %w", p.place(offset), err)
}

// place is an offset as editors know it; columns are bytes.
func (p *settingsParser) place(offset int64) string {
	before := p.data[:min(offset, int64(len(p.data)))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	return fmt.Sprintf("%s:%d:%d", p.name, line, len(before)-bytes.LastIndexByte(before, '\n'))
}
