#!/usr/bin/env bash
# Run every fuzz target there is, each for the time given: scripts/fuzz.sh 30s. Targets are found, not listed.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
found=0
packages=$(grep -rl --include='*_test.go' '^func Fuzz' cmd pkg internal scripts | xargs -r -n1 dirname | sort -u)
for package in $packages; do
	listed=$(go test -list '^Fuzz' "./$package") # an assignment, so that a package that does not build ends the run
	for target in $(grep '^Fuzz' <<<"$listed" || true); do
		echo "fuzz ./$package $target for $time"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$package"
		found=$((found + 1))
	done
done
echo "fuzz: $found targets"
