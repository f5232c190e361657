package selection

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// The newest records of a set are found from its end, across its files; a torn
// record does not run into the next file, and a byte order mark at the start of
// one is a mark and no damage.
func TestJoinedLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	texts := []string{rec(0) + rec(1), rec(2) + `{"torn`, "\xef\xbb\xbf" + rec(3) + strings.TrimSuffix(rec(4), "\n"), rec(5)}
	for i, text := range texts {
		name := path
		if i < len(texts)-1 {
			name += fmt.Sprintf(".%d", len(texts)-1-i)
		}
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	log, _, err := stream.OpenSet(t.Context(), path, 0)
	require.NoError(t, err)
	defer log.Close()
	for max := range int64(8) {
		for bits := range 8 {
			o := options(policy.Policy{MaxRecords: new(max)})
			o.Reverse = bits&1 != 0
			if bits&2 != 0 {
				o.BlockBytes = 20
			}
			want := ""
			for i := max0(6 - int(max)); i < 6; i++ {
				if o.Reverse {
					want = rec(i) + want
				} else {
					want += rec(i)
				}
			}
			require.Equal(t, want, printed(t, log, o), "max %d bits %d", max, bits)
		}
	}
	o := options(policy.Policy{MaxRecords: new(int64(4))})
	o.Damage = Pass
	require.Equal(t, rec(2)+"{\"torn\n"+rec(3)+rec(4)+rec(5), printed(t, log, o))
	require.NoError(t, os.Truncate(path+".3", 5))
	_, err = Print(context.Background(), log, o, io.Discard)
	var changed *stream.ChangedError
	require.ErrorAs(t, err, &changed)
}
