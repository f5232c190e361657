package jsonscan

// LongNULRun is how many bytes of a run of NUL bytes count as text: 4 KiB, a
// block of most file systems. A crash can leave gigabytes of them.
const LongNULRun = 4 << 10
