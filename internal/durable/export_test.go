package durable

// Bugs are the mistakes that tests of the tests can plant.
var Bugs = map[string]func(*Options){
	"skip the directory fsync":           func(o *Options) { o.bugs.skipDirSync = true },
	"drain before the exchange":          func(o *Options) { o.bugs.drainBeforeExchange = true },
	"do not wait until writers let go":   func(o *Options) { o.bugs.noQuietWait = true },
	"do not journal late pieces":         func(o *Options) { o.bugs.noPlace = true },
	"do not fsync the record of a piece": func(o *Options) { o.bugs.keepPlaceUnsynced = true },
	"do not fsync the new file":          func(o *Options) { o.bugs.skipFileSync = true },
	"take a half-done cleanup for damage": func(o *Options) {
		o.bugs.trustFirstCleanup = true
	},
}

// AppendBugs are the same for appending.
var AppendBugs = map[string]func(*AppendOptions){
	"skip the directory fsync":      func(o *AppendOptions) { o.bugs.skipDirSync = true },
	"retry a failed fsync":          func(o *AppendOptions) { o.bugs.retrySync = true },
	"do not look how the file ends": func(o *AppendOptions) { o.bugs.noNewline = true },
}

// WriteFileOn is WriteFile on a simulated file system.
var WriteFileOn = writeFile

// LeftoversOn is Leftovers on a simulated file system.
var LeftoversOn = leftovers
