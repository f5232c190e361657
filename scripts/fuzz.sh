#!/usr/bin/env bash
# Run every fuzz target there is, each with as many inputs as given: scripts/fuzz.sh 20000x. Targets are found, not listed.
# A count and not a time, for Go 1.26 may end a target whose time is up with "context deadline exceeded", and so fail it,
# although nothing was found (go.dev/issue/75804).
set -euo pipefail
cd "$(dirname "$0")/.."
inputs=${1:-200000x}
found=0
packages=$(grep -rl --include='*_test.go' '^func Fuzz' cmd pkg internal scripts | xargs -r -n1 dirname | sort -u)
for package in $packages; do
	listed=$(go test -list '^Fuzz' "./$package") # an assignment, so that a package that does not build ends the run
	for target in $(grep '^Fuzz' <<<"$listed" || true); do
		echo "fuzz ./$package $target, $inputs"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$inputs" "./$package"
		found=$((found + 1))
	done
done
echo "fuzz: $found targets"
