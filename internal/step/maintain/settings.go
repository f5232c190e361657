package maintain

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/jsonfile"
	"github.com/papyra-tools/papyra/internal/step/doctor"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// Schema is the JSON Schema of a file that names logs. It is generated from the
// flags of Log.
//
//go:generate go run ../../../packaging/gen -logs logs.schema.json
//go:embed logs.schema.json
var Schema []byte

var keys = sync.OnceValue(func() map[string]*cli.Schema { return cli.ParseSchema(Schema) })

// Log is what is said of the logs of an entry.
type Log struct {
	doctor.Care

	Rotated    bool      `setting:"rotated" help:"Take the log and its rotated siblings as one log."`
	Missing    string    `enum:"ok,fail" default:"fail" setting:"missing" help:"Take a log that does not exist for an empty one (ok), or fail."`
	MinRecords cli.Count `default:"0" setting:"min_records" help:"Fail if a log holds fewer than N records."`
	Links      bool      `setting:"links" help:"Look for ids that come twice, and references to ids that are not in the log."`
	OnCorrupt  string    `enum:"keep,drop,refuse" default:"keep" setting:"on_corrupt" help:"What a compaction does with damaged lines."`
	Count      bool      `setting:"count" help:"Count what goes, although a limit by count or size alone then means reading the whole log."`
	Archive    string    `setting:"archive" help:"Directory to which what a compaction removes is written before."`
}

// job is a log, and how it is looked after.
type job struct {
	path string
	*entry
	failed error // there is no such log
}

// entry is a part of a settings file.
type entry struct {
	Log
	env      *cli.Env // knows where each setting came from
	place    string   // FILE:LINE
	textfile string
}

// jobs reads all files, and finds the logs that they name. Nothing is touched
// if there is a mistake in one of them: a log that is named in a file that
// can't be read would be left to the limits of another.
func (c *Command) jobs(env *cli.Env, files []string) ([]job, error) {
	var all []job
	seen := map[string]string{} // where each log was named
	for _, file := range files {
		data, err := cli.ReadSettings(file)
		if err != nil {
			return nil, cli.Usagef("read settings: %w", err)
		}
		if all, err = add(env, all, seen, file, data); err != nil {
			var at *jsonfile.Error
			if errors.As(err, &at) { // without the flag that may be in front of it
				err = fmt.Errorf("%s:%w", file, at)
			}
			return nil, cli.Usagef("%w", err)
		}
	}
	for i := range all {
		if err := env.Guard(all[i].path); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// add reads one file.
func add(env *cli.Env, all []job, seen map[string]string, file string, data []byte) ([]job, error) {
	top, err := jsonfile.Parse(data)
	if err != nil {
		return nil, err
	}
	section := cli.NewSection(file)
	var list []jsonfile.Value
	textfile := ""
	err = section.Read("settings", top, keys(), func(key string, v jsonfile.Value) (_ bool, err error) {
		switch key {
		case "logs":
			list, err = v.Array(key)
			return true, err
		case "textfile":
			textfile, err = absolute(key, v)
			return true, err
		}
		return false, nil
	})
	if err == nil && len(list) == 0 {
		err = top.Errorf("no logs are named: want \"logs\": [{\"path\": …}]")
	}
	if err != nil {
		return nil, err
	}
	if textfile != "" {
		env.Writes("textfile", textfile)
	}
	for _, v := range list {
		e, paths, err := read(env, section.Within(), v)
		if err != nil {
			return nil, err
		}
		e.place, e.textfile = fmt.Sprintf("%s:%d", file, v.Line()), textfile
		for _, p := range paths {
			names, err := expand(p)
			if err != nil {
				return nil, err
			}
			if len(names) == 0 && e.Missing == "fail" {
				all = append(all, job{p.Token.(string), e, cli.Failf(cli.ExitFailed, "no log matches (\"missing\": \"ok\" accepts that)")})
			}
			for _, name := range names {
				key := name
				if real, err := filepath.EvalSymlinks(name); err == nil {
					key = real
				}
				if before, twice := seen[key]; twice {
					return nil, p.Errorf("%s is named at %s too: which limits hold?", name, before)
				}
				seen[key] = e.place
				all = append(all, job{path: name, entry: e})
			}
		}
	}
	return all, nil
}

// read reads one entry, and returns the paths in it.
func read(env *cli.Env, section cli.Section, v jsonfile.Value) (*entry, []jsonfile.Value, error) {
	e := &entry{}
	var paths []jsonfile.Value
	err := section.Read("logs", v, keys()["logs"].Items.Properties, func(key string, v jsonfile.Value) (bool, error) {
		if key != "path" {
			return false, nil
		}
		paths = []jsonfile.Value{v}
		if v.IsArray() {
			paths = v.Items
		}
		for _, p := range paths {
			if _, err := absolute(key, p); err != nil {
				return true, err
			}
		}
		return true, nil
	})
	if err == nil && len(paths) == 0 {
		err = v.Errorf("no path is given")
	}
	if err != nil {
		return nil, nil, err
	}
	if e.env, err = section.Fill(env, "papyra maintain", &e.Log); err != nil {
		return nil, nil, placed(v, err)
	}
	for key, name := range map[string]string{"archive": e.Archive, "quarantine_dir": e.QuarantineDir, "profile": e.Profile} {
		if name != "" && !filepath.IsAbs(name) && (key != "profile" || strings.ContainsRune(name, filepath.Separator) || strings.HasSuffix(name, ".json")) {
			return nil, nil, section.Mistake(key, errRelative)
		}
	}
	if e.Profile == "auto" {
		return nil, nil, section.Mistake("profile", errors.New("what may be deleted is never guessed: name the profile"))
	}
	time, kind := e.Retention.Flags()
	if err = cmp.Or(e.Check(), e.scanner(cli.Inputs{}, cli.Output{}).CheckLinks()); err == nil {
		err = e.Needs(cli.Given(time), cli.Given(kind))
	}
	return e, paths, placed(v, err)
}

// scanner is the step that looks at a log of the entry.
func (e *entry) scanner(in cli.Inputs, out cli.Output) *scan.Command {
	s := e.Scanner(in, out)
	s.MinRecords, s.MaxAnomalies, s.Links = e.MinRecords, maxAnomalies, e.Links
	return s
}

// placed gives an error that has no place that of the entry.
func placed(v jsonfile.Value, err error) error {
	var at *jsonfile.Error
	if err == nil || errors.As(err, &at) {
		return err
	}
	return v.Errorf("%v", err)
}

var errRelative = errors.New("want an absolute path: what it is relative to depends on who runs this")

// absolute is a path that does not depend on the working directory.
func absolute(key string, v jsonfile.Value) (string, error) {
	name, err := v.Text(key)
	if err == nil && !filepath.IsAbs(name) {
		err = v.Errorf("%s: %v", key, errRelative)
	}
	return name, err
}

// expand returns the logs that a path stands for: itself if there is such a
// file or it is no pattern, or what matches, but for hidden files, directories
// and the ledgers of repairs.
func expand(p jsonfile.Value) ([]string, error) {
	pattern := p.Token.(string)
	if _, err := os.Lstat(pattern); err == nil || !strings.ContainsAny(pattern, `*?[`) {
		return []string{filepath.Clean(pattern)}, nil
	}
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, p.Errorf("path: %v", err)
	}
	var names []string
	for _, name := range found {
		base := filepath.Base(name)
		info, err := os.Stat(name)
		if base[0] == '.' && filepath.Base(pattern)[0] != '.' || err == nil && info.IsDir() || strings.HasSuffix(base, ".ledger") {
			continue
		}
		names = append(names, name)
	}
	return names, nil
}
