package durable

// WriteFileOn is WriteFile on a simulated file system.
var WriteFileOn = writeFile

// LeftoversOn is Leftovers on a simulated file system.
var LeftoversOn = leftovers

// Waits reports whether a journal that names these two is believed.
func Waits(path, wait, account string) bool {
	_, ok := (&Session{path: path}).waits(base{Wait: []byte(wait), Account: []byte(account)})
	return ok
}
