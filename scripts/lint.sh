#!/usr/bin/env bash
# What must hold of the source: format, vet, length of files; and golangci-lint where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0

unformatted=$(find . -name '*.go' -not -path './.git/*' -exec gofmt -l {} +)
if [ -n "$unformatted" ]; then
	printf 'gofmt would change:\n%s\n' "$unformatted" >&2
	status=1
fi

go vet ./... || status=1

# One role a file: nobody reads the five hundredth line with care.
while IFS= read -r f; do
	n=$(wc -l <"$f")
	if [ "$n" -gt 400 ]; then
		echo "$f has $n lines; 400 is the limit" >&2
		status=1
	fi
done < <(find . -path ./.git -prune -o -type f \( -name '*.go' -o -name '*.sh' -o -name '*.cpp' -o -name '*.py' -o -path ./.ci/run \) -print)

if command -v golangci-lint >/dev/null; then
	golangci-lint run ./... || status=1
else
	echo "lint: golangci-lint is not installed; skipped" >&2
fi
exit "$status"
