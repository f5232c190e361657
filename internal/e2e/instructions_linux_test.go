package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// TestInstructionsPerByte counts what a scan on one core executes for a byte of
// a log, as the difference of two logs, so that start-up does not count. Seconds
// depend on the machine; this does not, and it tells of arm64 where there is
// none. QEMU knows no AVX-512, so that amd64 is the path with AVX2.
//
// The limits are a tenth above what was counted when they were set.
func TestInstructionsPerByte(t *testing.T) {
	t.Parallel()
	testtool.OnlyInCI(t, "needs qemu-user and gcc")
	dir := t.TempDir()
	plugin := filepath.Join(dir, "count.so")
	out, err := exec.Command(testtool.Need(t, "gcc"), "-O2", "-shared", "-fPIC", "-o", plugin, "testdata/count.c").CombinedOutput()
	require.NoError(t, err, "%s", out)
	const small, large = 2 << 20, 6 << 20
	logs := map[string][2]string{}
	sizes := map[string]float64{}
	for name, long := range map[string]bool{"papyra": false, "long": true} {
		var files [2]string
		for i, size := range []int64{small, large} {
			text, _ := damaged(t, gen.Options{Seed: 1, Size: size, Long: long})
			files[i] = filepath.Join(dir, fmt.Sprint(name, i))
			require.NoError(t, os.WriteFile(files[i], text, 0o600))
			sizes[files[i]] = float64(len(text))
		}
		logs[name] = files
	}
	for _, c := range []struct {
		arch, qemu string
		most       map[string]float64 // by log
	}{
		{"amd64", "qemu-x86_64", map[string]float64{"papyra": 6.9, "long": 9.1}},
		{"arm64", "qemu-aarch64", map[string]float64{"papyra": 11.2, "long": 15}},
	} {
		t.Run(c.arch, func(t *testing.T) {
			qemu := testtool.Need(t, c.qemu)
			program := filepath.Join(dir, c.arch)
			build := exec.Command("go", "build", "-o", program, "../../cmd/papyra-scan")
			build.Env = append(os.Environ(), "GOARCH="+c.arch, "CGO_ENABLED=0")
			out, err := build.CombinedOutput()
			require.NoError(t, err, "%s", out)
			for name, files := range logs {
				var counted [2]float64
				for i, file := range files {
					run := exec.Command(qemu, "-cpu", "max", "-plugin", plugin, program, "-q", file)
					run.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off")
					out, err := run.CombinedOutput()
					require.NoError(t, err, "%s", out)
					_, err = fmt.Sscanf(string(out), "instructions %g\n", &counted[i])
					require.NoError(t, err, "%s", out)
				}
				each := (counted[1] - counted[0]) / (sizes[files[1]] - sizes[files[0]])
				t.Logf("%s: %.2f instructions a byte", name, each)
				require.Less(t, each, c.most[name], name)
				require.Greater(t, each, c.most[name]/2, "%s: the limit says nothing any more", name)
			}
		})
	}
}
