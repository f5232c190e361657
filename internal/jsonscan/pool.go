package jsonscan

import "sync"

// pool lends Lines to calls that look at one line only.
var pool = sync.Pool{New: func() any { return new(Lines) }}
