package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	return slices.Sorted(slices.Values(settingKeys))
}

// settings are the values of papyra.json, each in the spelling of a flag value.
type settings struct {
	file   string // "" if there is none
	values map[string]string
	places map[string]string // FILE:LINE:COLUMN of each value
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
			if source == s.file {
				source = s.places[key]
			}
			return nil, fmt.Errorf("%s: %s: %w", source, key, err)
		}
		return value, nil
	}
	return []kong.Option{kong.WithBeforeResolve(load), kong.Resolvers(kong.ResolverFunc(resolve))}
}

// load finds and reads the file. The first that exists is the only one; none is
// for no file. One in the working directory is never looked for: whoever can
// write there must not decide what is deleted.
func (s *settings) load(env *Env, explicit string) error {
	if explicit == "" {
		explicit = env.getenv("PAPYRA_CONFIG")
	}
	candidates := []string{explicit}
	switch explicit {
	case "none":
		return nil
	case "":
		candidates = env.configPaths()
	}
	for _, name := range candidates {
		if _, err := os.Stat(name); err != nil && explicit == "" {
			// Not there, or behind a directory that cannot be looked into: daemons run with a HOME of others, or of /dev/null.
			continue
		}
		data, err := readConfig(name)
		if err != nil {
			return Usagef("read settings: %w", err)
		}
		if *s, err = parseSettings(name, data); err != nil {
			return Usagef("%w", err)
		}
		return nil
	}
	return nil
}

func (e *Env) configPaths() []string {
	var paths []string
	if dir := e.getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		paths = append(paths, filepath.Join(dir, "papyra", "papyra.json"))
	} else if home := e.getenv("HOME"); filepath.IsAbs(home) {
		paths = append(paths, filepath.Join(home, ".config", "papyra", "papyra.json"))
	}
	return append(paths, "/etc/papyra.json")
}

// maxConfigBytes is far above any honest file; what is larger was named by mistake, a log for instance.
const maxConfigBytes = 1 << 20

// readConfig reads a settings file. What is looked at is what is read: the file
// is opened first, without waiting for the writer of a FIFO.
func readConfig(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("%s is too large for a settings file (%d bytes)", name, info.Size())
	}
	if err := trusted(info); err != nil {
		return nil, fmt.Errorf("%s %w: its settings decide what is deleted", name, err)
	}
	return io.ReadAll(io.LimitReader(f, maxConfigBytes))
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
