package durable

// announce tells those who watch the log by name that it can be opened again. A
// reader that opens without waiting, as `tail -F` does, is refused while the
// new file is leased, and then looks again only when something happens to the
// name. It is a courtesy: nothing depends on it, and an error is no error of
// the rewrite.
func announce(f File) {
	if a, ok := f.(interface{ announce() }); ok {
		a.announce()
	}
}
