package durable

// closeBeforeRename: an open file cannot be replaced.
const closeBeforeRename = true
