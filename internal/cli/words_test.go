package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/safetext"
)

func TestWord(t *testing.T) {
	got, err := Word("Fail_On_Anomaly", []string{"", "ignore", "fail_on_anomaly"})
	require.NoError(t, err)
	require.Equal(t, "fail_on_anomaly", got)
	_, err = Word("ignor", []string{"", "ignore", "fail_on_anomaly"})
	require.EqualError(t, err, `unknown "ignor", want ignore or fail_on_anomaly; did you mean "ignore"?`)
}

func TestPainter(t *testing.T) {
	for _, tt := range []struct {
		color    string
		vars     map[string]string
		terminal bool
		want     bool
	}{
		{"auto", nil, true, true},
		{"auto", nil, false, false},
		{"auto", map[string]string{"NO_COLOR": "1"}, true, false},
		{"auto", map[string]string{"TERM": "dumb"}, true, false},
		{"always", map[string]string{"NO_COLOR": "1"}, false, true},
		{"never", nil, true, false},
	} {
		env, _, _ := testEnv(t, tt.vars, nil)
		p := env.painter(&Coloring{Color: tt.color}, tt.terminal)
		require.Equal(t, tt.want, bool(p), tt)
	}
	require.Equal(t, "\x1b[31mx\x1b[0m", safetext.Painter(true).Red("x"))
	require.Equal(t, "x", safetext.Painter(false).Red("x"))
	require.Empty(t, safetext.Painter(true).Red(""))
}

func TestProgressWithoutTerminal(t *testing.T) {
	env, _, errs := testEnv(t, nil, nil)
	p := env.Progress(&Output{}, "events.ndjson", 100)
	require.Nil(t, p)
	p.Add(1)
	p.Set(2)
	p.Close()
	require.Empty(t, errs.String())
}

func TestProgressShortWorkShowsNothing(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, func() int { return 80 }, "events.ndjson", 100, time.Hour)
	p.Add(100)
	p.Close()
	p.Close()
	require.Empty(t, out.String())
}

func TestProgressPosition(t *testing.T) {
	p := &Progress{total: 10}
	p.Add(25)
	require.Equal(t, int64(9), p.shown(), "a bar at its end stops")
	p = &Progress{}
	p.Add(25)
	require.Equal(t, int64(25), p.shown())
}

func TestWidth(t *testing.T) {
	env, _, _ := testEnv(t, map[string]string{"COLUMNS": "40"}, nil)
	require.Equal(t, 40, env.Width())
	env, _, _ = testEnv(t, map[string]string{"COLUMNS": "-3"}, nil)
	require.Equal(t, 80, env.Width())
}

// TestProgressLine: a line fills its room and no more, whatever the room, so
// that one is drawn over the other without a rest.
func TestProgressLine(t *testing.T) {
	p := &Progress{total: 400, label: "events.ndjson"}
	p.Add(100)
	require.Equal(t, "events.ndjson [====>           ] 25 % 50 B/s 6s left", p.line(52, 2*time.Second))
	require.Equal(t, "events.ndjson 25 % 50 B/s 6s left     ", p.line(38, 2*time.Second), "no room for a bar")
	p.Add(1000)
	require.Contains(t, p.line(60, 2*time.Second), "=>] 99 % 550 B/s")
	p.total = 0
	require.Equal(t, "events.ndjson 1.1 KiB 550 B/s   ", p.line(32, 2*time.Second))
	for room := range 100 {
		for _, p := range []*Progress{{label: "日本語.ndjson"}, {label: "日本語.ndjson", total: 7}} {
			require.Equal(t, room, safetext.Width(p.line(room, time.Second)))
		}
	}
}

// TestProgressIsRemoved: at the end the terminal's line is blank.
func TestProgressIsRemoved(t *testing.T) {
	out := make(chan string, 100)
	p := newProgress(writerFunc(func(b []byte) (int, error) { out <- string(b); return len(b), nil }), func() int { return 40 }, "a.ndjson", 100, 0)
	require.Regexp(t, `^\ra\.ndjson \[>.*\] 0 % 0 B/s\r$`, <-out)
	p.Close()
	close(out)
	var last string
	for last = range out {
	}
	require.Equal(t, "\r"+strings.Repeat(" ", 39)+"\r", last)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestProgressRate(t *testing.T) {
	p := &Progress{total: 400 << 20}
	p.Add(100 << 20)
	require.Equal(t, "25 % 50 MiB/s 6s left", p.rate(2*time.Second))
	p.Add(400 << 20)
	require.Equal(t, "99 % 250 MiB/s", p.rate(2*time.Second))
	p = &Progress{}
	require.Equal(t, "0 B 0 B/s", p.rate(0))
	p.Add(3 << 20)
	require.Equal(t, "3.0 MiB 1.0 MiB/s", p.rate(3*time.Second))
}
