package durable

// WriteFileOn is WriteFile on a simulated file system.
var WriteFileOn = writeFile

// LeftoversOn is Leftovers on a simulated file system.
var LeftoversOn = leftovers
