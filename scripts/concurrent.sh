#!/usr/bin/env bash
# Print the packages whose code or tests start goroutines or use what goroutines share: those for which the
# race detector is worth its time. The generator's and the benchmarks' are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rlE --include='*.go' '(^|[[:space:]])go (func|[a-zA-Z_.]+\()|"sync"|"sync/atomic"|errgroup' cmd pkg internal |
	xargs -r -n1 dirname | sort -u | sed 's|^|./|'
