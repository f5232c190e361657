package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/jsonfile"
	"github.com/papyra-tools/papyra/internal/opening"
)

// settings are the values of papyra.json.
type settings struct {
	file   string // "" if there is none
	values map[string]setting
}

// setting is a value in the spelling of a flag, and where it came from.
type setting struct {
	text, source string
	at           *jsonfile.Value // nil for one of the environment
}

// mistake adds the place to what is wrong with the value.
func (s setting) mistake(file, key string, err error) error {
	if s.at != nil {
		return fmt.Errorf("%s:%w", file, s.at.Errorf("%s: %v", key, err))
	}
	return fmt.Errorf("%s: %s: %w", s.source, key, err)
}

// SettingEnv is the environment variable of a key of papyra.json.
func SettingEnv(key string) string { return "PAPYRA_" + strings.ToUpper(key) }

// lookup is the environment, then the file.
func (s *settings) lookup(env *Env, key string) (setting, bool) {
	if v := env.getenv(SettingEnv(key)); v != "" {
		return setting{text: v, source: SettingEnv(key)}, true
	}
	v, ok := s.values[key]
	return v, ok
}

// options load the file once the command line was parsed (so that --help and
// --version work with a broken one) and before the flags that were not given
// are looked up.
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
		if key == "" || key == "path" { // which is for where no log is named; see implied
			return nil, nil
		}
		if text, _, ok, err := env.TrySetting(key, flag); ok {
			return text, err
		}
		return nil, nil
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
			// Not there, or behind a directory that cannot be looked into:
			// daemons run with a HOME of others, or of /dev/null.
			continue
		}
		data, err := ReadSettings(name)
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

// maxConfigBytes is far above any honest file; what is larger was named by
// mistake, a log for instance.
const maxConfigBytes = 1 << 20

// ReadSettings reads a settings file. One that others could have written is
// refused.
func ReadSettings(name string) ([]byte, error) {
	f, info, err := opening.Regular(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("%s is too large for a settings file (%d bytes)", name, info.Size())
	}
	if err := trusted(info); err != nil {
		return nil, fmt.Errorf("%s %w: its settings decide what is deleted", name, err)
	}
	return io.ReadAll(io.LimitReader(f, maxConfigBytes))
}
