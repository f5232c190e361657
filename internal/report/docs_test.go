package report

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/record"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	require.NoError(t, err)
	return string(text)
}

// TestReportsPageNamesEverything: what is added to a report is written down.
func TestReportsPageNamesEverything(t *testing.T) {
	text := page(t, "REPORTS.md")
	for _, typ := range []reflect.Type{reflect.TypeFor[Document](), reflect.TypeFor[Total](), reflect.TypeFor[survey.Result](),
		reflect.TypeFor[survey.Tail](), reflect.TypeFor[record.Anomaly](), reflect.TypeFor[Metrics]()} {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" {
				require.Contains(t, text, "`"+name+"`", "%s.%s", typ, typ.Field(i).Name)
			}
		}
	}
	for _, f := range Formats() {
		require.Contains(t, text, "\n## "+string(f)+"\n")
	}
	prom := show(t, Prometheus, all(), Options{Previous: &Textfile{LastSuccess: 1}})
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\w+)`).FindAllStringSubmatch(prom, -1) {
		if !strings.HasPrefix(m[1], "papyra_persistence_") {
			require.Contains(t, text, "`"+m[1]+"`")
		}
	}
	for _, r := range []string{anomalyRecord, fileRecord, summaryRecord} {
		require.Contains(t, text, "| `"+r+"` |")
	}
}
