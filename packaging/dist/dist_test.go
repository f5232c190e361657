package main

import (
	"archive/zip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// tree is what make install leaves, in short.
func tree(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{"bin/papyra": "program", "share/man/man1/papyra.1": "page", "LICENSE": "license"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// TestArchives: time, owner and permissions come from the release, whatever the
// files have, and tar and unzip of other makes read it.
func TestArchives(t *testing.T) {
	r := &release{version: "1.2.3", out: t.TempDir(), time: time.Unix(1700000000, 0).UTC()}
	for range 2 {
		require.NoError(t, r.archive(tree(t), "p", ".tar.gz"))
		require.NoError(t, r.archive(tree(t), "p", ".zip"))
	}
	tarball, err := os.ReadFile(filepath.Join(r.out, "p.tar.gz"))
	require.NoError(t, err)
	again := &release{out: t.TempDir(), time: r.time}
	require.NoError(t, again.archive(tree(t), "p", ".tar.gz"))
	other, err := os.ReadFile(filepath.Join(again.out, "p.tar.gz"))
	require.NoError(t, err)
	require.Equal(t, tarball, other)

	cmd := exec.Command(testtool.Need(t, "tar"), "-tvzf", filepath.Join(r.out, "p.tar.gz"))
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	list, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, []string{
		"-rw-r--r-- root/root 7 2023-11-14 22:13 p/LICENSE",
		"-rwxr-xr-x root/root 7 2023-11-14 22:13 p/bin/papyra",
		"-rw-r--r-- root/root 4 2023-11-14 22:13 p/share/man/man1/papyra.1",
	}, lines(string(list)))
	z, err := zip.OpenReader(filepath.Join(r.out, "p.zip"))
	require.NoError(t, err)
	defer z.Close()
	require.Len(t, z.File, 3)
	require.Equal(t, "p/bin/papyra", z.File[1].Name)
	require.Equal(t, os.FileMode(0o755), z.File[1].Mode())
	require.True(t, r.time.Equal(z.File[1].Modified))
}

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return out
}

// TestBill: every module that the Go tool names is in it, with its version.
func TestBill(t *testing.T) {
	goTool := testtool.Need(t, "go")
	dir := t.TempDir()
	built, err := exec.Command(goTool, "build", "-o", filepath.Join(dir, "program"), "../../cmd/papyra-filter").CombinedOutput()
	require.NoError(t, err, string(built))
	b := bill{&release{version: "1.2.3", time: time.Unix(1700000000, 0).UTC()}, map[string]component{}}
	require.NoError(t, b.add(dir))
	require.NoError(t, b.write(filepath.Join(dir, "bill.json")))
	data, err := os.ReadFile(filepath.Join(dir, "bill.json"))
	require.NoError(t, err)
	var doc struct {
		BomFormat, SpecVersion string
		Components             []component
		Dependencies           []struct{ DependsOn []string }
	}
	require.NoError(t, json.Unmarshal(data, &doc))
	require.Equal(t, []string{"CycloneDX", "1.6"}, []string{doc.BomFormat, doc.SpecVersion})
	require.Len(t, doc.Dependencies[0].DependsOn, len(doc.Components))
	require.Contains(t, doc.Components, module("library", "std", runtime.Version()))
	out, err := exec.Command(goTool, "list", "-m", "-f", "{{.Version}}", "github.com/alecthomas/kong").Output()
	require.NoError(t, err)
	require.Contains(t, doc.Components, module("library", "github.com/alecthomas/kong", strings.TrimSpace(string(out))))
}

// TestChecksums: what was made and the package of the version are summed up,
// and nothing else that lies there.
func TestChecksums(t *testing.T) {
	r := &release{version: "1.2.3", out: t.TempDir()}
	for _, name := range []string{"papyra-tools_1.2.3_amd64.deb", "papyra-tools_1.2.3_plan9_amd64.tar.gz", "papyra-tools_1.2.30_amd64.deb", "man"} {
		require.NoError(t, os.WriteFile(filepath.Join(r.out, name), []byte(name), 0o644))
	}
	require.NoError(t, r.archive(tree(t), "papyra-tools_1.2.3_linux_amd64", ".tar.gz"))
	require.NoError(t, r.checksums())
	cmd := exec.Command(testtool.Need(t, "sha256sum"), "-c", "SHA256SUMS")
	cmd.Dir = r.out
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, []string{"papyra-tools_1.2.3_amd64.deb: OK", "papyra-tools_1.2.3_linux_amd64.tar.gz: OK"}, lines(string(out)))
}
