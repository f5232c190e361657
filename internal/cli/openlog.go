package cli

import "github.com/papyra-tools/papyra/pkg/stream"

// OpenLog opens the log that an input names, with the files that it was rotated
// into if those are asked for. Of a set some files of which cannot be opened it
// returns both a log and an error.
func (e *Env) OpenLog(in Input, rotated bool, maxFiles int) (log *stream.Log, set stream.Set, err error) {
	switch {
	case in.err != nil:
		err = in.err
	case in.Found():
		log, err = stream.OpenIn(e.Ctx, in.folder, in.below)
	case in.Stdin:
		log, err = stream.FromReader("-", e.Stdin)
	case rotated:
		return stream.OpenSet(e.Ctx, in.Path, maxFiles)
	case e.Open != nil:
		log, err = e.Open(e.Ctx, in.Path)
	default:
		log, err = stream.Open(e.Ctx, in.Path)
	}
	return log, set, err
}
