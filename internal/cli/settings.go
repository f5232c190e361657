package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-json"
)

// settingKeys are all keys of papyra.json. A key may be configured once for all steps: one that a step does not use is fine
// there, one that no step uses is a mistake. One-shot actions (dry-run, force, undo) are never settings.
var settingKeys = []string{
	"allow_kind", "color", "linger", "max_age", "max_files", "max_line_bytes", "max_records", "max_skew", "max_total_bytes", "mode",
	"no_progress", "on_invalid", "path", "profile", "quarantine_dir", "reader", "recovery_mode", "settle", "stall_budget",
	"strict", "sync", "textfile", "undated", "wait",
}

// SettingKeys returns all keys of papyra.json, sorted.
func SettingKeys() []string {
	keys := append([]string(nil), settingKeys...)
	sort.Strings(keys)
	return keys
}

// settings are the values of papyra.json, each in the spelling of a flag value.
type settings struct {
	file   string // "" if there is none
	values map[string]string
}

// SettingEnv is the environment variable of a key of papyra.json.
func SettingEnv(key string) string { return "PAPYRA_" + strings.ToUpper(key) }

// lookup is the environment, then the file.
func (s *settings) lookup(env *Env, key string) (value, source string, ok bool) {
	if v := env.getenv(SettingEnv(key)); v != "" {
		return v, SettingEnv(key), true
	}
	if v, ok := s.values[key]; ok {
		return v, s.file, true
	}
	return "", "", false
}

// options load the file once the command line was parsed (so that --help and --version work with a broken one) and before
// the flags that were not given are looked up.
func (s *settings) options(env *Env) []kong.Option {
	loaded := false
	load := func(ctx *kong.Context) error {
		if loaded {
			return nil
		}
		loaded = true
		explicit := ""
		for _, p := range ctx.Path {
			if p.Flag != nil && p.Flag.Name == "config" {
				explicit, _ = ctx.FlagValue(p.Flag).(string)
			}
		}
		return s.load(env, explicit)
	}
	resolve := func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		key := flag.Tag.Get("setting")
		if key == "" {
			return nil, nil
		}
		value, source, ok := s.lookup(env, key)
		if !ok {
			return nil, nil
		}
		if err := tryFlag(flag, value); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", source, key, err)
		}
		return value, nil
	}
	return []kong.Option{kong.WithBeforeResolve(load), kong.Resolvers(kong.ResolverFunc(resolve))}
}

// load finds and reads the file. The first that exists is the only one.
func (s *settings) load(env *Env, explicit string) error {
	if explicit == "" {
		explicit = env.getenv("PAPYRA_CONFIG")
	}
	candidates := []string{explicit}
	if explicit == "" {
		candidates = env.configPaths()
	}
	for _, name := range candidates {
		path := filepath.Join(env.relativeTo(name), name)
		if _, err := os.Stat(path); err != nil && explicit == "" {
			// Not there, or behind a directory that cannot be looked into: daemons run with a HOME of others, or of /dev/null.
			continue
		}
		data, err := readConfig(path)
		if err != nil {
			return Usagef("read settings: %w", err)
		}
		values, err := parseSettings(data)
		if err != nil {
			return Usagef("%s: %w", name, err)
		}
		s.file, s.values = name, values
		return nil
	}
	return nil
}

// relativeTo is the directory for a relative name; only tests set another one than the working directory.
func (e *Env) relativeTo(name string) string {
	if filepath.IsAbs(name) {
		return ""
	}
	return e.workdir
}

func (e *Env) configPaths() []string {
	paths := []string{"papyra.json"}
	if dir := e.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		paths = append(paths, filepath.Join(dir, "papyra", "papyra.json"))
	} else if home := e.getenv("HOME"); home != "" {
		paths = append(paths, filepath.Join(home, ".config", "papyra", "papyra.json"))
	}
	return append(paths, "/etc/papyra.json")
}

// maxConfigBytes is far above any honest file; what is larger was named by mistake, a log for instance.
const maxConfigBytes = 1 << 20

func readConfig(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("%s is too large for a settings file (%d bytes)", name, info.Size())
	}
	return os.ReadFile(name)
}

// parseSettings reads a flat object of settings, or one with an object "persistence" that holds them.
func parseSettings(data []byte) (map[string]string, error) {
	if !json.Valid(data) {
		var any json.RawMessage
		if err := json.Unmarshal(data, &any); err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		return nil, errors.New("not JSON")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil || top == nil {
		return nil, errors.New("not a JSON object")
	}
	values := map[string]string{}
	if raw, ok := top["persistence"]; ok {
		var nested map[string]json.RawMessage
		if err := json.Unmarshal(raw, &nested); err != nil || nested == nil {
			return nil, errors.New("persistence: want a JSON object")
		}
		if err := addSettings(values, "persistence.", nested); err != nil {
			return nil, err
		}
		delete(top, "persistence")
	}
	return values, addSettings(values, "", top)
}

func addSettings(values map[string]string, prefix string, raw map[string]json.RawMessage) error {
	keys := make([]string, 0, len(raw))
	for k := range raw {
		keys = append(keys, k)
	}
	sort.Strings(keys) // the same mistake is named each time
	for _, k := range keys {
		if indexOf(settingKeys, k) < 0 {
			return fmt.Errorf("unknown key %q%s", prefix+k, DidYouMean(k, settingKeys))
		}
		if _, twice := values[k]; twice {
			return fmt.Errorf("%q is set twice, at the top and in persistence", k)
		}
		text, ok, err := settingText(raw[k])
		if err != nil {
			return fmt.Errorf("%s%s: %w", prefix, k, err)
		}
		if ok {
			values[k] = text
		}
	}
	return nil
}

// settingText is a JSON value in the spelling of a flag value. Null means that the key is not set.
func settingText(raw json.RawMessage) (text string, ok bool, err error) {
	trimmed := strings.TrimSpace(string(raw))
	switch trimmed[0] {
	case 'n':
		return "", false, nil
	case '"':
		text, err = unquote(trimmed)
		return text, true, err
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return "", false, errors.New("want a list of strings")
		}
		list := make([]string, len(items))
		for i, item := range items {
			if list[i], err = unquote(string(item)); err != nil {
				return "", false, errors.New("want a list of strings")
			}
			list[i] = strings.ReplaceAll(list[i], ",", `\,`)
		}
		return strings.Join(list, ","), true, nil
	case '{':
		return "", false, errors.New("want a single value")
	}
	return trimmed, true, nil // a number or a truth value, as it stands
}
