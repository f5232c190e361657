package durable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"
)

// folder is a temporary one. Not all versions of Wine can remove it as Go does.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "papyra")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestHardLinksAreCounted(t *testing.T) {
	log := filepath.Join(folder(t), "log")
	require.NoError(t, os.WriteFile(log, nil, 0o600))
	f, err := OS().OpenFile(log, os.O_RDONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	for n := range uint64(3) {
		info, err := f.Stat()
		require.NoError(t, err)
		require.Equal(t, n+1, info.Links)
		require.NoError(t, os.Link(log, log+string(rune('a'+n))))
	}
}

// A new file is open to nobody to whom the log was not.
func TestCopyMetaTakesTheAccessList(t *testing.T) {
	dir := folder(t)
	everyone, err := windows.CreateWellKnownSid(windows.WinWorldSid)
	require.NoError(t, err)
	names := func(path string) string {
		s, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
		require.NoError(t, err)
		return s.String()
	}
	open := func(name string) File {
		f, err := OS().OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o600)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		return f
	}
	log, temp := open("log"), open("temp")
	list, err := windows.ACLFromEntries([]windows.EXPLICIT_ACCESS{{AccessPermissions: windows.GENERIC_ALL, AccessMode: windows.GRANT_ACCESS,
		Trustee: windows.TRUSTEE{TrusteeForm: windows.TRUSTEE_IS_SID, TrusteeValue: windows.TrusteeValueFromSID(everyone)}}}, nil)
	require.NoError(t, err)
	require.NoError(t, windows.SetNamedSecurityInfo(filepath.Join(dir, "temp"), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, list, nil))
	before := names(filepath.Join(dir, "temp"))
	require.NotEqual(t, names(filepath.Join(dir, "log")), before)
	require.NoError(t, temp.CopyMeta(log))
	require.NotEqual(t, before, names(filepath.Join(dir, "temp")))
	require.Equal(t, names(filepath.Join(dir, "log")), names(filepath.Join(dir, "temp")))
}
