package export

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/papyra-tools/papyra/internal/cli"
)

// Destination is where an export goes: "resp", the URL of a Redis server, or
// "parquet" and a directory, which are two arguments.
type Destination struct {
	URL  string // of a Redis server; "" for the others
	RESP bool
	Dir  string // for Parquet files
}

// Decode takes the one or two arguments. kong calls it.
func (d *Destination) Decode(ctx *kong.DecodeContext) error {
	what, err := ctx.Scan.PopValue("destination")
	if err != nil {
		return err
	}
	name := fmt.Sprint(what.Value)
	*d = Destination{}
	switch scheme, _, _ := strings.Cut(name, ":"); {
	case name == "resp":
		d.RESP = true
	case name == "parquet":
		dir, err := ctx.Scan.PopValue("directory")
		if err != nil {
			return cli.Usagef("--to parquet requires a directory: --to parquet DIR")
		}
		d.Dir = fmt.Sprint(dir.Value)
	case scheme == "redis" || scheme == "rediss" || scheme == "unix":
		d.URL = name
	default:
		return cli.Usagef("--to takes resp, a URL such as redis://HOST:PORT/DB, or parquet DIR")
	}
	return nil
}
