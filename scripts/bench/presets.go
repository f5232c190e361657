package main

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strconv"

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

// presets scans the samples of all presets, each repeated, and the same lines
// made Papyra's.
func (b *bench) presets(r *report) error {
	for _, name := range record.PresetNames() {
		text, err := b.sample(name)
		if name == "papyra" || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		profile, err := record.Preset(name)
		if err != nil {
			return err
		}
		var tools []tool
		for _, log := range []struct {
			profile string
			text    []byte
		}{{name, text}, {"papyra", asPapyra(text, profile)}} {
			file := name + "-as-" + log.profile
			if err := repeat(file, log.text, min(b.size, presetBytes)); err != nil {
				return err
			}
			tools = append(tools, tool{name: file, script: "GOMAXPROCS=1 papyra-scan --quiet" + repeated(log.profile) + file, amount: fileSize(file)})
		}
		did, err := b.alternate(b.rounds, tools...)
		if err != nil {
			return err
		}
		if err := do("rm " + name + "-as-*"); err != nil {
			return err
		}
		own, papyra := float64(did[0].amount)/1e6/did[0].least.Seconds(), float64(did[1].amount)/1e6/did[1].least.Seconds()
		r.presets = append(r.presets, preset{name, int64(len(text) / bytes.Count(text, []byte("\n"))), own, papyra, own / papyra})
	}
	return nil
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
