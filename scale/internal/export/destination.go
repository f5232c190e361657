package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
)

// Destination is where an export goes: "resp", the URL of a Redis server, or
// "parquet:" and a directory.
type Destination struct {
	URL  string // of a Redis server; "" for the others
	RESP bool
	Dir  string // for Parquet files
}

// UnmarshalText reads a destination.
func (d *Destination) UnmarshalText(text []byte) error {
	name := string(text)
	*d = Destination{}
	switch scheme, rest, _ := strings.Cut(name, ":"); {
	case name == "resp":
		d.RESP = true
	case scheme == "parquet" && rest == "":
		return fmt.Errorf("parquet requires a directory: --to parquet DIR")
	case scheme == "parquet":
		d.Dir = rest
	case scheme == "redis" || scheme == "rediss" || scheme == "unix":
		d.URL = name
	default:
		return fmt.Errorf("it takes resp, a URL such as redis://HOST:PORT/DB, or parquet DIR")
	}
	return nil
}

// Route makes one argument of the two in --to parquet DIR. cli calls it.
func (*Command) Route(args []string) (meant []string, words int, step *cli.Step) {
	meant = slices.Clone(args)
	for i, arg := range meant {
		if arg == "--" {
			break
		}
		if arg == "--to" && i+2 < len(meant) && meant[i+1] == "parquet" {
			return slices.Replace(meant, i, i+3, "--to=parquet:"+meant[i+2]), 0, nil
		}
		if arg == "--to=parquet" && i+1 < len(meant) {
			return slices.Replace(meant, i, i+2, "--to=parquet:"+meant[i+1]), 0, nil
		}
	}
	return meant, 0, nil
}
