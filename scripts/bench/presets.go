package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// preset is how fast the logs of a profile are scanned, beside Papyra's of like
// lines, by the processor time of one core.
type preset struct {
	name         string
	line         int64 // mean length in bytes
	own, papyra  float64
	ratioOfRates float64
}

// presetBytes is how large each log of a preset is at most.
const presetBytes = 32 << 20

// presetScans scans the samples of all presets, each repeated, and the same
// lines made Papyra's.
func presetScans(p *peers, samples string, size int64, rounds int, progress io.Writer) ([]preset, error) {
	files, err := filepath.Glob(filepath.Join(samples, "*.ndjson"))
	if err != nil {
		return nil, err
	}
	var all []preset
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ndjson")
		if name == "papyra" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		profile, err := record.Preset(name)
		if err != nil {
			return nil, err
		}
		var tools []tool
		var sizes []int64
		for _, log := range []struct {
			profile string
			text    []byte
		}{{name, text}, {"papyra", asPapyra(text, profile)}} {
			copied := filepath.Join(p.work, name+"-as-"+log.profile+".ndjson")
			// Where the sample begins again, time goes back.
			t := p.ours(name+" as "+log.profile, "papyra-scan", "--quiet", "--max-skew", "36500d", "--profile", log.profile, copied)
			t.env = []string{"GOMAXPROCS=1"}
			tools = append(tools, t)
			repeated := bytes.Repeat(log.text, max(1, int(min(size, presetBytes))/len(log.text)))
			sizes = append(sizes, int64(len(repeated)))
			if err := os.WriteFile(copied, repeated, 0o644); err != nil {
				return nil, err
			}
		}
		r, err := alternate(tools, sizes, rounds, progress)
		if err != nil {
			return nil, err
		}
		for _, t := range tools {
			if err := os.Remove(t.args[len(t.args)-1]); err != nil {
				return nil, err
			}
		}
		one := preset{name: name, line: int64(len(text) / bytes.Count(text, []byte("\n")))}
		if r[0].skip == "" {
			one.own, one.papyra = float64(r[0].bytes)/1e6/r[0].least.Seconds(), float64(r[1].bytes)/1e6/r[1].least.Seconds()
			one.ratioOfRates = one.own / one.papyra
		}
		all = append(all, one)
	}
	return all, nil
}

// asPapyra gives each line a kind and a timestamp in the place of its
// profile's, or in front where those stand within other members or nowhere.
func asPapyra(text []byte, p *record.Profile) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		for _, m := range []struct {
			field  record.Field
			member string
		}{{p.Time.Field, `"timestamp":1710000000.123`}, {p.Kind.Field, `"kind":"event"`}} {
			raw := pick.NewFinder(string(m.field)).Find(line)
			end := cap(line) - cap(raw) + len(raw) // raw is a part of line
			from := bytes.LastIndex(line[:max(end, 0)], strconv.AppendQuote(nil, string(m.field)))
			if raw == nil || from < 0 {
				from, end = 1, 1
				if bytes.TrimLeft(line[1:], " ")[0] != '}' {
					m.member += ","
				}
			}
			line = slices.Concat(line[:from], []byte(m.member), line[end:])
		}
		out = append(out, line...)
	}
	return out
}

// slowest is the preset that is scanned slowest beside Papyra's logs.
func slowest(all []preset) (worst preset) {
	for _, p := range all {
		if p.own > 0 && (worst.name == "" || p.ratioOfRates < worst.ratioOfRates) {
			worst = p
		}
	}
	return worst
}
