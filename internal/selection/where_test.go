package selection

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
)

func TestParseCondition(t *testing.T) {
	for text, want := range map[string]Condition{
		"level=info":       {"level", Equal, "info"},
		"level!=info":      {"level", NotEqual, "info"},
		"msg~time=out":     {"msg", Contains, "time=out"},
		"msg=a~b":          {"msg", Equal, "a~b"},
		"log.level=":       {"log.level", Equal, ""},
		"/a~1b/c~0=x":      {"/a~1b/c~0", Equal, "x"},
		"/message/role~us": {"/message/role", Contains, "us"},
	} {
		got, err := ParseCondition(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "level", "=x", "!=x", "/a/b/c/d/e=x", "/a~2=x"} {
		_, err := ParseCondition(text)
		if text == "/a~2=x" {
			require.NoError(t, err) // contains "2=x"
			continue
		}
		require.Error(t, err, text)
	}
}

func TestWhere(t *testing.T) {
	line := []byte(`{"level":30,"msg":"a \u0062","ok":true,"none":null,"m":{"role":"user"},"f":1.50,"big":12345678901234567890}`)
	for text, want := range map[string]bool{
		"level=30": true, "level=30.0": false, "level!=30": false, "level!=31": true, "level~3": true,
		"msg=a b": true, `msg=a \u0062`: false, "msg~ b": true, "msg~c": false, "ok=true": true, "none=null": true,
		"/m/role=user": true, "/m/role!=user": false, "f=1.50": true, "f=1.5": false, "big=12345678901234567890": true,
		"nope=": false, "nope!=x": true, "nope~": false,
	} {
		c, err := ParseCondition(text)
		require.NoError(t, err)
		m := newMatcher(&Fields{Where: []Condition{c}})
		r := record.NewChecker(record.Options{}).Check(line, 0)
		require.True(t, m.any)
		require.Equal(t, want, m.match(line, &r, &scratch{}), text)
	}
	// Of one field any of the values will do; different ones are all asked for.
	m := newMatcher(&Fields{Where: []Condition{{"level", Equal, "10"}, {"level", Equal, "30"}, {"ok", Equal, "true"}}})
	require.True(t, m.match(line, &record.Result{}, &scratch{}))
	m = newMatcher(&Fields{Where: []Condition{{"level", Equal, "30"}, {"ok", Equal, "false"}}})
	require.False(t, m.match(line, &record.Result{}, &scratch{}))
}

func TestKindsOfAnyProfile(t *testing.T) {
	p, err := record.Preset("pino")
	require.NoError(t, err)
	line := []byte(`{"level":30,"time":1}`)
	r := record.NewChecker(record.Options{Profile: p}).Check(line, 0)
	require.True(t, newMatcher(&Fields{Kinds: []string{"50", "30"}}).match(line, &r, &scratch{}))
	require.False(t, newMatcher(&Fields{Kinds: []string{"50"}}).match(line, &r, &scratch{}))
}
