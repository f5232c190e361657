package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runWith runs the probe with settings and returns it, the exit code and what
// was said on stderr.
func runWith(t *testing.T, vars, files map[string]string, args ...string) (*probe, int, string) {
	t.Helper()
	env, _, errs := testEnv(t, vars, nil)
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if name == "papyra.json" {
			args = append([]string{"--config", path}, args...)
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	cmd := &probe{}
	code := Run(env, "papyra-probe", "Probe.", cmd, args)
	return cmd, code, errs.String()
}

func TestSettingsPrecedence(t *testing.T) {
	file := map[string]string{"papyra.json": `{"max_records": 3, "max_age": "7d", "max_total_bytes": 1048576, "reader": "Producer", "settle": 1, "allow_kind": ["a,b", "c"], "no_progress": true}`}
	env := map[string]string{"PAPYRA_MAX_RECORDS": "2", "PAPYRA_MAX_SKEW": "1m"}

	cmd, code, said := runWith(t, env, file, "--max-records", "1")
	require.Equal(t, 0, code, said)
	require.Equal(t, Count(1), *cmd.MaxRecords.All, "the flag wins")
	require.Equal(t, 7*24*time.Hour, cmd.MaxAge.All.Std())
	require.Equal(t, Size(1<<20), *cmd.MaxTotalBytes)
	require.Equal(t, "producer", cmd.Reader)
	require.Equal(t, time.Second, cmd.Settle.Std())
	require.Equal(t, time.Minute, cmd.MaxSkew.Std())
	require.Equal(t, []string{"a,b", "c"}, cmd.AllowKind)
	require.True(t, cmd.NoProgress)
	require.Equal(t, Size(16<<20), cmd.MaxLineBytes, "the default is left")

	cmd, code, said = runWith(t, env, file)
	require.Equal(t, 0, code, said)
	require.Equal(t, Count(2), *cmd.MaxRecords.All, "the environment beats the file")

	cmd, code, said = runWith(t, nil, file)
	require.Equal(t, 0, code, said)
	require.Equal(t, Count(3), *cmd.MaxRecords.All)

	cmd, code, said = runWith(t, env, file, "--max-records", "none", "--max-age=None")
	require.Equal(t, 0, code, said)
	require.Nil(t, cmd.MaxRecords.All, "none lifts a configured limit")
	require.Nil(t, cmd.MaxAge.All)
	require.True(t, cmd.Limited())

	cmd, _, _ = runWith(t, nil, nil)
	require.Nil(t, cmd.MaxRecords.All)
	require.False(t, cmd.Limited())
}

func TestSettingsFiles(t *testing.T) {
	const one, two, three = `{"max_records":1}`, `{"max_records":2}`, `{"max_records":3}`
	home := t.TempDir()
	put := func(name, content string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(home, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(home, name), []byte(content), 0o600))
	}
	put(".config/papyra/papyra.json", three)
	put("xdg/papyra/papyra.json", two)
	put("other.json", one)
	xdg := filepath.Join(home, "xdg")
	t.Chdir(home)
	put("papyra.json", one)
	for _, tt := range []struct {
		name  string
		vars  map[string]string
		files map[string]string
		args  []string
		want  Count
	}{
		{name: "--config", args: []string{"--config", filepath.Join(home, "other.json")}, vars: map[string]string{"PAPYRA_CONFIG": "/no/such"}, want: 1},
		{name: "PAPYRA_CONFIG", vars: map[string]string{"PAPYRA_CONFIG": filepath.Join(home, "other.json")}, want: 1},
		{name: "none", vars: map[string]string{"HOME": home}, args: []string{"--config", "none"}},
		{name: "never the working directory", vars: map[string]string{"HOME": "/dev/null"}},
		{name: "XDG_CONFIG_HOME", vars: map[string]string{"HOME": home, "XDG_CONFIG_HOME": xdg}, want: 2},
		{name: "a relative XDG_CONFIG_HOME does not count", vars: map[string]string{"HOME": home, "XDG_CONFIG_HOME": "xdg"}, want: 3},
		{name: "HOME", vars: map[string]string{"HOME": home}, want: 3},
		{name: "a HOME that is no directory", vars: map[string]string{"HOME": "/dev/null", "XDG_CONFIG_HOME": ""}, want: 0},
		{name: "persistence object", files: map[string]string{"papyra.json": `{"persistence": {"max_records": 4}, "path": "x"}`}, want: 4},
		{name: "null is not set", files: map[string]string{"papyra.json": `{"max_records": 5, "max_age": null}`}, want: 5},
		{name: "key of another step", files: map[string]string{"papyra.json": `{"max_records": 6, "quarantine_dir": "/q"}`}, want: 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd, code, said := runWith(t, tt.vars, tt.files, tt.args...)
			require.Equal(t, 0, code, said)
			if tt.want == 0 {
				require.Nil(t, cmd.MaxRecords.All)
				return
			}
			require.Equal(t, tt.want, *cmd.MaxRecords.All)
			require.Nil(t, cmd.MaxAge.All)
		})
	}
}

func TestSettingsMistakes(t *testing.T) {
	for name, tt := range map[string]struct {
		vars map[string]string
		file string
		args []string
		want string
	}{
		"unknown key":       {file: `{"max_record": 1}`, want: `papyra.json:1:2: unknown key "max_record"; did you mean "max_records"?`},
		"unknown nested":    {file: `{"persistence": {"zzz": 1}}`, want: `papyra.json:1:18: unknown key "zzz"`},
		"one-shot action":   {file: `{"force": true}`, want: `unknown key "force"`},
		"bad value":         {file: `{"max_age": "7 days"}`, want: `papyra.json:1:13: max_age: bad duration "7 days"`},
		"negative":          {file: `{"max_records": -1}`, want: `papyra.json:1:17: max_records: bad number "-1": negative`},
		"not a number":      {file: `{"max_records": true}`, want: `papyra.json:1:17: max_records: want integer, string or object, not boolean`},
		"of another step":   {file: `{"quarantine_dir": 1}`, want: `papyra.json:1:20: quarantine_dir: want string, not number`},
		"bad word":          {file: `{"reader": "prodcer"}`, want: `did you mean "producer"?`},
		"object":            {file: `{"wait": {"days": 7}}`, want: `papyra.json:1:10: wait: want number or string, not object`},
		"list of numbers":   {file: `{"allow_kind": ["a", 1]}`, want: `papyra.json:1:22: allow_kind: want string, not number`},
		"age of a kind":     {file: `{"max_age": {"progress": "soon"}}`, want: `papyra.json:1:13: max_age: progress=soon: bad duration "soon"`},
		"no kind":           {file: `{"max_age": {"": "1d"}}`, want: `a kind has a name`},
		"not UTF-8":         {file: "{\"path\": \"a\xff\"}", want: `papyra.json:1:12: not UTF-8`},
		"twice":             {file: `{"max_age": 1, "persistence": {"max_age": 2}}`, want: `"max_age" is set twice`},
		"repeated":          {file: "{\"max_age\": 1,\n \"max_age\": 1}", want: `papyra.json:2:2: "max_age" is set twice`},
		"not an object":     {file: `[1]`, want: `papyra.json:1:1: settings: want an object, not `},
		"null":              {file: `null`, want: `papyra.json:1:1: settings: want an object, not `},
		"not JSON":          {file: `{"max_age": 1,}`, want: `papyra.json:1:15: not JSON`},
		"two values":        {file: `{} {}`, want: `papyra.json:1:4: more text after the value`},
		"empty":             {file: ``, want: `papyra.json:1:1: not JSON`},
		"bad environment":   {vars: map[string]string{"PAPYRA_MAX_TOTAL_BYTES": "10M"}, want: `PAPYRA_MAX_TOTAL_BYTES: max_total_bytes: bad size "10M"`},
		"missing file":      {args: []string{"--config", "/no/such.json"}, want: "read settings"},
		"directory":         {args: []string{"--config", "/"}, want: "not a regular file"},
		"missing named one": {vars: map[string]string{"PAPYRA_CONFIG": "/no/such.json"}, want: "read settings"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			if tt.args == nil && tt.vars == nil {
				files["papyra.json"] = tt.file
			}
			cmd, code, said := runWith(t, tt.vars, files, tt.args...)
			require.Equal(t, ExitUsage, code)
			require.Contains(t, said, tt.want)
			require.False(t, cmd.ran)
		})
	}
}

// Who can write a settings file decides what is deleted.
func TestSettingsOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("owner and mode are those of Unix")
	}
	file := filepath.Join(t.TempDir(), "s.json")
	require.NoError(t, os.WriteFile(file, []byte(`{}`), 0o600))
	for mode, want := range map[fs.FileMode]int{0o600: 0, 0o644: 0, 0o664: ExitUsage, 0o646: ExitUsage} {
		require.NoError(t, os.Chmod(file, mode))
		_, code, said := runWith(t, nil, nil, "--config", file)
		require.Equal(t, want, code, "%o: %s", mode, said)
		if want != 0 {
			require.Contains(t, said, file+" can be written to by others (chmod go-w)")
		}
	}
	require.NoError(t, os.Chmod(file, 0o600))
	if err := os.Chown(file, 12345, -1); err != nil {
		t.Skipf("make a file of another user: %v", err)
	}
	_, code, said := runWith(t, nil, nil, "--config", file)
	require.Equal(t, ExitUsage, code)
	require.Contains(t, said, file+" belongs to another user")
}

// Help and version must be there when the settings are what is wrong.
func TestHelpWithBrokenSettings(t *testing.T) {
	for _, arg := range []string{"--help", "--version"} {
		_, code, said := runWith(t, nil, map[string]string{"papyra.json": `{"nonsense`}, arg)
		require.Equal(t, 0, code, said)
	}
}

func TestSettingValue(t *testing.T) {
	env, _, _ := testEnv(t, map[string]string{"PAPYRA_PATH": "env.ndjson"}, nil)
	var err error
	env.settings, err = parseSettings("papyra.json", []byte("{\"path\": \"file.ndjson\",\n\"wait\": \"3s\"}"))
	require.NoError(t, err)
	value, source, ok := env.Setting("path")
	require.True(t, ok)
	require.Equal(t, "env.ndjson", value)
	require.Equal(t, "PAPYRA_PATH", source)
	value, source, ok = env.Setting("wait")
	require.True(t, ok)
	require.Equal(t, "3s", value)
	require.Equal(t, "papyra.json:2", source)
	_, _, ok = env.Setting("textfile")
	require.False(t, ok)
}

func FuzzParseSettings(f *testing.F) {
	for _, s := range []string{`{"path":"x"}`, `{"persistence":{"wait":1}}`, `{"allow_kind":["a"]}`, `null`, `{"path":`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSettings("papyra.json", data)
		if err == nil {
			for k := range s.values {
				if !slices.Contains(SettingKeys(), k) {
					t.Fatalf("unknown key %q got through", k)
				}
			}
		}
	})
}
