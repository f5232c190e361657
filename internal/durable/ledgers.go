package durable

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Ledgers lists the accounts that are beside the log at path under such names,
// the newest first. A symbolic link is followed to the log.
func Ledgers(path string) ([]string, error) {
	fsys := OS()
	target, err := fsys.Resolve(path)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(target)
	names, err := fsys.Names(dir)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !derives(name, target, accountTail) })
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(ledgerTime(b), ledgerTime(a)) })
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names, nil
}

func ledgerTime(name string) int64 {
	tail := strings.TrimSuffix(accountTail.FindString(name), ".ledger")
	ms, _ := strconv.ParseInt(strings.TrimPrefix(tail, ".repair-"), 10, 64)
	return ms
}
