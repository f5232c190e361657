package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// testKey is where a script's environment keeps its *testing.T.
type testKey struct{}

// commands are what scripts may use besides testscript's own.
//
//	needtool NAME…               skip without these programs (fail where PAPYRA_REQUIRE_TOOLS is set)
//	exitcode N PROGRAM ARGS…     run, and want exactly this exit code; standard input as set by stdin
//	cmpbytes A B                 the same bytes (stdout and stderr are names too); ! for different ones
//	samefile A B                 the same inode; ! for different ones
//	snapshot NAME FILE           remember inode, mode, mtime and contents of a file
//	unchanged NAME FILE          they are as they were; ! if anything differs
//	mode FILE 0644               permissions
//	chop FILE [N]                cut N bytes off the end (1, the newline, if not given)
//	append FILE OTHER…           append the bytes of the others to a file
//	waitfor FILE REGEXP          wait until the file exists and matches, at most 20 s
//	dirempty DIR                 nothing is in the directory
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"needtool":  needtool,
	"exitcode":  exitcode,
	"cmpbytes":  cmpbytes,
	"samefile":  samefile,
	"snapshot":  snapshot,
	"unchanged": unchanged,
	"mode":      mode,
	"chop":      chop,
	"append":    appendBytes,
	"waitfor":   waitfor,
	"dirempty":  dirempty,
}

func usage(ts *testscript.TestScript, ok bool, text string) {
	if !ok {
		ts.Fatalf("usage: %s", text)
	}
}

func needtool(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 0, "needtool NAME…")
	for _, name := range args {
		testtool.Need(ts.Value(testKey{}).(testing.TB), name)
	}
}

func exitcode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "exitcode N PROGRAM ARGS…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmpbytes(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "cmpbytes A B")
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	switch {
	case neg && a == b:
		ts.Fatalf("%s and %s hold the same %d bytes", args[0], args[1], len(a))
	case !neg && a != b:
		at := 0
		for at < len(a) && at < len(b) && a[at] == b[at] {
			at++
		}
		ts.Fatalf("%s (%d bytes) and %s (%d bytes) differ from byte %d:\n%q\n%q", args[0], len(a), args[1], len(b), at,
			a[at:min(len(a), at+60)], b[at:min(len(b), at+60)])
	}
}

func samefile(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "samefile A B")
	a, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if os.SameFile(a, b) == neg {
		ts.Fatalf("%s and %s: same file is %v", args[0], args[1], !neg)
	}
}

// snap is what snapshot remembers.
type snap struct {
	info os.FileInfo
	sum  [32]byte
}

func snapshot(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "snapshot NAME FILE")
	snaps, ok := ts.Value(snap{}).(map[string]snap)
	if !ok {
		ts.Fatalf("no place for snapshots")
	}
	snaps[args[0]] = take(ts, args[1])
}

func take(ts *testscript.TestScript, name string) snap {
	info, err := os.Lstat(ts.MkAbs(name))
	ts.Check(err)
	return snap{info, sha256.Sum256([]byte(ts.ReadFile(name)))}
}

func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "unchanged NAME FILE")
	was, ok := ts.Value(snap{}).(map[string]snap)[args[0]]
	if !ok {
		ts.Fatalf("no snapshot %s", args[0])
	}
	is := take(ts, args[1])
	what := ""
	switch {
	case !os.SameFile(was.info, is.info):
		what = "is another inode"
	case was.info.Mode() != is.info.Mode():
		what = fmt.Sprintf("has mode %v, had %v", is.info.Mode(), was.info.Mode())
	case !was.info.ModTime().Equal(is.info.ModTime()):
		what = "has another mtime"
	case was.sum != is.sum:
		what = "has other contents"
	}
	if (what != "") != neg {
		ts.Fatalf("%s %s", args[1], cmpText(what))
	}
}

func cmpText(what string) string {
	if what == "" {
		return "is as it was"
	}
	return what
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "mode FILE 0644")
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if info.Mode().Perm() != os.FileMode(want) {
		ts.Fatalf("%s has mode %04o, want %04o", args[0], info.Mode().Perm(), want)
	}
}

func chop(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && (len(args) == 1 || len(args) == 2), "chop FILE [N]")
	n := 1
	if len(args) == 2 {
		var err error
		n, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	name := ts.MkAbs(args[0])
	info, err := os.Stat(name)
	ts.Check(err)
	ts.Check(os.Truncate(name, info.Size()-int64(n)))
}

func appendBytes(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "append FILE OTHER…")
	var all bytes.Buffer
	for _, other := range args[1:] {
		all.WriteString(ts.ReadFile(other))
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.Write(all.Bytes())
	ts.Check(errors.Join(err, f.Close()))
}

func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "waitfor FILE REGEXP")
	want, err := regexp.Compile(args[1])
	ts.Check(err)
	var data []byte
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if data, err = os.ReadFile(ts.MkAbs(args[0])); err == nil && want.Match(data) {
			return
		}
	}
	ts.Fatalf("%s does not match %s: %v\n%s", args[0], args[1], err, data)
}

func dirempty(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "dirempty DIR")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if (len(entries) == 0) == neg {
		ts.Fatalf("%s holds %v", args[0], entries)
	}
}
