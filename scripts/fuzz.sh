#!/usr/bin/env bash
# Run every fuzz target there is, each for the time given: scripts/fuzz.sh 30s. Targets are found, not listed.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
found=0
for package in $(grep -rl --include='*_test.go' '^func Fuzz' cmd pkg internal scripts | xargs -r -n1 dirname | sort -u); do
	for target in $(go test -list '^Fuzz' "./$package" | grep '^Fuzz' || true); do
		echo "fuzz ./$package $target for $time"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$package"
		found=$((found + 1))
	done
done
echo "fuzz: $found targets"
