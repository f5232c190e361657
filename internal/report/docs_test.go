package report

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
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
	for _, typ := range []reflect.Type{reflect.TypeFor[Head](), reflect.TypeFor[Opening](), reflect.TypeFor[Closing](), reflect.TypeFor[Total](), reflect.TypeFor[survey.Result](),
		reflect.TypeFor[survey.Tail](), reflect.TypeFor[Tree](), reflect.TypeFor[Worst](), reflect.TypeFor[survey.Repair](), reflect.TypeFor[record.Anomaly](), reflect.TypeFor[Metrics](),
		reflect.TypeFor[durable.Outcome](), reflect.TypeFor[durable.Recovery]()} {
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
	prom := show(t, Prometheus, all(), Options{Run: scanRun(time.Unix(1, 0), oldSuccess)}) + changesRun("repair", 1, false, "")
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\w+)`).FindAllStringSubmatch(prom, -1) {
		if !strings.HasPrefix(m[1], "papyra_persistence_") {
			require.Contains(t, text, "`"+m[1]+"`")
		}
	}
	for _, r := range []string{anomalyRecord, fileRecord, summaryRecord} {
		require.Contains(t, text, "| `"+r+"` |")
	}
}

// examples are the printf commands of the section on a type in FORMAT.md.
func examples(t *testing.T, text string, typ record.Type) []string {
	t.Helper()
	_, section, ok := strings.Cut(text, "\n### "+typ.String()+"\n")
	require.True(t, ok, "%s has no section", typ)
	if end := strings.Index(section, "\n#"); end >= 0 {
		section = section[:end]
	}
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^printf '([^']*)' \| papyra-scan(.*)$`).FindAllStringSubmatch(section, -1) {
		all = append(all, m[1]+"\x00"+m[2])
	}
	return all
}

// printf undoes the escapes of a shell's printf.
func printf(s string) string {
	return regexp.MustCompile(`\\([0-7]{3}|.)`).ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case '\\':
			return `\`
		}
		n, _ := strconv.ParseUint(e[1:], 8, 8)
		return string([]byte{byte(n)})
	})
}

// typesTable is the table of types as FORMAT.md has it.
func typesTable() string {
	table := "\n| type | severity | what `papyra-repair` does |\n|---|---|---|\n"
	code := regexp.MustCompile(`--[a-z-]+|\bnull\b`)
	for _, t := range record.Types() {
		i := t.Info()
		table += fmt.Sprintf("| [`%s`](#%[1]s) | %s | %s |\n", i.Name, i.Severity, code.ReplaceAllString(i.Remedy, "`$0`"))
	}
	return table + "\n"
}

// TestFormatPageTellsTheTruth: every type has a section, a row and an example
// that a scan gives that verdict.
func TestFormatPageTellsTheTruth(t *testing.T) {
	text := page(t, "FORMAT.md")
	without := map[record.Type]bool{record.TooDeep: true, record.InterruptedRewrite: true, record.RotationGap: true,
		record.OrphanedRotatedFile: true, record.ChangedDuringScan: true}
	if !strings.Contains(text, typesTable()) {
		t.Fatalf("the table of types is not that of pkg/record/table.go:\n%s", typesTable())
	}
	for _, typ := range record.Types() {
		name := typ.String()
		found := examples(t, text, typ)
		require.NotEqual(t, without[typ], len(found) > 0, name)
		for _, e := range found {
			line, flags, _ := strings.Cut(e, "\x00")
			o := record.Options{Now: time.Now}
			if strings.Contains(flags, "--max-line-bytes 40") {
				o.MaxLineBytes = 40
			}
			if _, name, ok := strings.Cut(flags, "--profile "); ok {
				var err error
				o.Profile, err = record.Preset(strings.Fields(name)[0])
				require.NoError(t, err)
			}
			src, err := stream.FromReader("-", strings.NewReader(printf(line)))
			require.NoError(t, err)
			res, err := survey.Log(context.Background(), src, survey.Options{Checker: record.NewChecker(o), MaxSkew: 5 * time.Second,
				Links: strings.Contains(flags, "--links")})
			require.NoError(t, err)
			require.Len(t, res.Anomalies, 1, "%s: %s", name, line)
			require.Equal(t, name, res.Anomalies[0].Type.String(), line)
			require.Equal(t, typ.Severity() == record.Warning, strings.Contains(flags, "--strict"), "exit code 2 for each: %s", line)
		}
	}
}
