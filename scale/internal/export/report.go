package export

import (
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// streamsReport is the report of an export to Redis.
type streamsReport struct {
	report.Head
	Streams []streamReport   `json:"streams"`
	Skipped map[string]int64 `json:"skipped"`
}

// streamReport tells of one stream. Without a server, Added is what was written
// for it.
type streamReport struct {
	Key    string `json:"key"`
	Added  int64  `json:"added"`
	There  int64  `json:"already_there"`
	Last   string `json:"last_id"`
	Length int64  `json:"length"`
}

// reportStreams tells what was sent. server is nil if the protocol was written:
// then standard output has the data, and the report goes to standard error.
func (c *Command) reportStreams(env *cli.Env, p *placer, server *redisSink) error {
	r := streamsReport{Head: report.NewHead(env.Prog, cli.Version()), Skipped: p.skipped, Streams: []streamReport{}}
	for _, t := range p.order {
		s := streamReport{Key: t.key, Added: t.entries, Length: t.entries, Last: t.last.String()}
		if server != nil {
			s.Added, s.There, s.Last = t.added, t.there, t.acked.String()
			n, err := server.length(t)
			if err != nil {
				n = t.added + t.there // the failure is told already, or the export is done
			}
			s.Length = n
		}
		if s.Length > maxRead {
			c.note(env, "%s has %d entries: Papyra's reader takes %d at most, the oldest first", t.key, s.Length, maxRead)
		}
		r.Streams = append(r.Streams, s)
	}
	out := env.Stdout
	if server == nil {
		out = env.Stderr
	}
	if c.Format != "text" {
		return json.NewEncoder(report.SafeJSON(out)).Encode(r)
	}
	if c.Quiet {
		return nil
	}
	for _, s := range r.Streams {
		fmt.Fprintf(out, "%s: %d added, %d already there, last id %s\n", safetext.String(s.Key), s.Added, s.There, s.Last)
	}
	for _, kind := range slices.Sorted(maps.Keys(p.skipped)) {
		fmt.Fprintf(out, "skipped %d records of kind %s\n", p.skipped[kind], safetext.String(kind))
	}
	return nil
}

// filesReport is the report of an export to Parquet.
type filesReport struct {
	report.Head
	Dir string `json:"dir"`
	counts
}

func (c *Command) reportFiles(env *cli.Env, d *dataset) error {
	if c.Format != "text" {
		return json.NewEncoder(report.SafeJSON(env.Stdout)).Encode(filesReport{report.NewHead(env.Prog, cli.Version()), d.dir, d.counts})
	}
	if !c.Quiet {
		fmt.Fprintf(env.Stdout, "%s: %d rows in %d files, %d of them damaged lines\n", safetext.String(d.dir), d.counts.Rows, d.counts.Files, d.counts.Corrupt)
	}
	return nil
}
