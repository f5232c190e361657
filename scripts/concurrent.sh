#!/usr/bin/env bash
# Print the packages for which the race detector is worth its time: those that start goroutines, share memory between
# them, or hand functions to the parallel pass of pkg/stream. The whole-program tests are left out: the detector would
# watch their drivers, not the programs.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rlE --include='*.go' '(^|[[:space:]])go (func|[a-zA-Z_.]+\()|"sync"|"sync/atomic"|errgroup|papyra/pkg/stream"' cmd pkg internal |
	xargs -r -n1 dirname | grep -v '^internal/e2e' | sort -u | sed 's|^|./|'
