#!/usr/bin/env bash
# What must hold of the source: format, vet, length of files; and golangci-lint where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0

unformatted=$(gofmt -l $(git ls-files -co --exclude-standard -- '*.go'))
if [ -n "$unformatted" ]; then
	printf 'gofmt would change:\n%s\n' "$unformatted" >&2
	status=1
fi

go vet ./... || status=1

# One role a file: nobody reads the five hundredth line with care.
while IFS= read -r f; do
	[ -f "$f" ] || continue
	n=$(wc -l <"$f")
	if [ "$n" -gt 400 ]; then
		echo "$f has $n lines; 400 is the limit" >&2
		status=1
	fi
done < <(git ls-files -co --exclude-standard -- '*.go' '*.sh' '*.cpp' '*.py' .ci/run)

if command -v golangci-lint >/dev/null; then
	golangci-lint run ./... || status=1
else
	echo "lint: golangci-lint is not installed; skipped" >&2
fi
exit "$status"
