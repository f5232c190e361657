package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(list, []byte("a.ndjson\r\n\nb c.ndjson\n-\nlast"), 0o600))
	nulls := filepath.Join(t.TempDir(), "nulls")
	require.NoError(t, os.WriteFile(nulls, []byte("a\nb\x00c\r\x00"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	configured := map[string]string{"PAPYRA_PATH": "conf.ndjson"}

	for _, tt := range []struct {
		name  string
		in    RewriteInputs
		vars  map[string]string
		stdin io.Reader
		want  string // paths, separated by |
		err   string
	}{
		{name: "argument", in: RewriteInputs{Named: Named{Args: []string{"a", "b"}}}, want: "a|b"},
		{name: "flag", in: RewriteInputs{Named: Named{Path: []string{"a"}}}, want: "a"},
		{name: "both", in: RewriteInputs{Named: Named{Args: []string{"a"}, Path: []string{"b"}}}, want: "a|b"},
		{name: "explicit beats configured and piped", in: RewriteInputs{Named: Named{Args: []string{"a"}}}, vars: configured, stdin: strings.NewReader("x"), want: "a"},
		{name: "dash", in: RewriteInputs{Named: Named{Args: []string{"-"}}}, stdin: strings.NewReader(""), want: "-"},
		{name: "dash twice", in: RewriteInputs{Named: Named{Args: []string{"-"}, Path: []string{"-"}}}, err: "only once"},
		{name: "empty path", in: RewriteInputs{Named: Named{Args: []string{""}}}, err: "empty path"},
		{name: "piped", stdin: strings.NewReader("x"), want: "-"},
		{name: "piped and empty", stdin: strings.NewReader(""), want: "-"},
		{name: "configured, nothing piped", vars: configured, want: "conf.ndjson"},
		{name: "configured, empty pipe", vars: configured, stdin: strings.NewReader(""), want: "conf.ndjson"},
		{name: "configured, data piped", vars: configured, stdin: strings.NewReader("x"), want: "-"},
		{name: "configured as standard input", vars: map[string]string{"PAPYRA_PATH": "-"}, stdin: strings.NewReader(""), want: "-"},
		{name: "nothing", err: "no log given"},
		{name: "list", in: RewriteInputs{FilesFrom: list}, want: "a.ndjson|b c.ndjson|-|last"},
		{name: "list with NULs", in: RewriteInputs{FilesFrom: nulls, Null: true}, want: "a\nb|c\r"},
		{name: "list on standard input", in: RewriteInputs{FilesFrom: "-"}, stdin: strings.NewReader("a\nb\n"), want: "a|b"},
		{name: "list on standard input, log too", in: RewriteInputs{FilesFrom: "-"}, stdin: strings.NewReader("a\n-\n"), err: "only once"},
		{name: "empty list", in: RewriteInputs{FilesFrom: empty}, vars: configured, err: "no names of logs"},
		{name: "missing list", in: RewriteInputs{FilesFrom: "/no/such"}, err: "read list of logs"},
		{name: "NULs without list", in: RewriteInputs{Named: Named{Args: []string{"a"}}, Null: true}, err: "-0 requires"},
		{name: "too long a name", in: RewriteInputs{FilesFrom: "-"}, stdin: strings.NewReader(strings.Repeat("x", 1<<17)), err: "token too long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env, _, _ := testEnv(t, tt.vars, tt.stdin)
			inputs, err := List(tt.in.Each(env))
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, in := range inputs {
				require.Equal(t, in.Path == "-", in.Stdin)
				got = append(got, in.Path)
			}
			require.Equal(t, tt.want, strings.Join(got, "|"))
		})
	}
}

// What was peeked at to choose the input must still be there for the reader.
func TestResolveGivesPeekedDataBack(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(w, "first\nsecond\n"); w.Close() }()
	env, _, _ := testEnv(t, map[string]string{"PAPYRA_PATH": "conf"}, r)
	env.StdinFile = r
	inputs, err := List((&Inputs{}).Each(env))
	require.NoError(t, err)
	require.Equal(t, []Input{{Path: "-", Stdin: true, implied: true}}, inputs)
	data, err := io.ReadAll(env.Stdin)
	require.NoError(t, err)
	require.Equal(t, "first\nsecond\n", string(data))
}

// A device is no pipeline: cron jobs and services have /dev/null as standard
// input and mean the configured path.
func TestResolveIgnoresDevices(t *testing.T) {
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	env, _, _ := testEnv(t, map[string]string{"PAPYRA_PATH": "conf"}, null)
	env.StdinFile = null
	inputs, err := List((&Inputs{}).Each(env))
	require.NoError(t, err)
	require.Equal(t, []Input{{Path: "conf"}}, inputs)
}

// Without a configured path /dev/null, which is also what a closed standard
// input looks like, is nothing to look at; with an explicit - it is an empty
// log.
func TestResolveNothing(t *testing.T) {
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	env, _, _ := testEnv(t, nil, null)
	env.StdinFile = null
	_, err = List((&Inputs{}).Each(env))
	require.ErrorContains(t, err, "no log given")
	inputs, err := List((&Inputs{RewriteInputs: RewriteInputs{Named: Named{Args: []string{"-"}}}}).Each(env))
	require.NoError(t, err)
	require.Equal(t, []Input{{Path: "-", Stdin: true}}, inputs)
}

// A list is read as it is asked for.
func TestEachIsLazy(t *testing.T) {
	r, w := io.Pipe()
	go func() { _, _ = io.WriteString(w, "first\n") }()
	env, _, _ := testEnv(t, nil, r)
	for input, err := range (&Inputs{RewriteInputs: RewriteInputs{FilesFrom: "-"}}).Each(env) {
		require.NoError(t, err)
		require.Equal(t, "first", input.Path)
		break // the end of the list never comes
	}
}

func TestResolveRegularFileAsStdin(t *testing.T) {
	for content, want := range map[string]string{"": "conf", "x\n": "-"} {
		name := filepath.Join(t.TempDir(), "in")
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		f, err := os.Open(name)
		require.NoError(t, err)
		env, _, _ := testEnv(t, map[string]string{"PAPYRA_PATH": "conf"}, f)
		env.StdinFile = f
		inputs, err := List((&Inputs{}).Each(env))
		require.NoError(t, err)
		require.Equal(t, want, inputs[0].Path)
		f.Close()
	}
}
