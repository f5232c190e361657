#!/usr/bin/env bash
# The step of the action: scan.sh PROGRAM, with the inputs in INPUT_….
set -uo pipefail

program=$1
args=(--missing fail --report github=- --report "markdown=${GITHUB_STEP_SUMMARY:?}")
[ "${INPUT_STRICT:-false}" = true ] && args+=(--strict)
[ -n "${INPUT_SARIF:-}" ] && args+=(--report "sarif=$INPUT_SARIF")

# Patterns are split at white space and expanded; nothing else in them is run, and a name with white space stays one name.
set -f
# shellcheck disable=SC2206 # splitting is what is wanted
patterns=(${INPUT_PATHS:-})
set +f
IFS=
shopt -s nullglob globstar
paths=()
for pattern in ${patterns[@]+"${patterns[@]}"}; do
	# shellcheck disable=SC2206 # expansion is what is wanted; IFS is empty, so nothing is split
	matches=($pattern)
	if [ "${#matches[@]}" -eq 0 ]; then
		printf 'no log matches %q\n' "$pattern" >&2
		exit 1
	fi
	paths+=("${matches[@]}")
done
if [ "${#paths[@]}" -eq 0 ]; then
	echo "no paths given" >&2
	exit 1
fi

"$program" "${args[@]}" -- "${paths[@]}"
code=$?
echo "exit-code=$code" >>"${GITHUB_OUTPUT:?}"
if [ "$code" -eq 2 ] && [ "${INPUT_FAIL:-true}" != true ]; then
	exit 0
fi
exit "$code"
