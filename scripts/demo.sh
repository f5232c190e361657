#!/usr/bin/env bash
# The whole chain on a damaged log of a million records: scan, repair, scan, filter, compact, inspect. Every exit
# code is checked. Run it by `make demo`; RECORDS=10000 makes it smaller.
set -euo pipefail
exec 2>&1 # what is said and what is shown in one order, also in a pipe
cd "$(dirname "$0")/.."
records=${RECORDS:-1000000}

dir=$(mktemp -d "${TMPDIR:-/tmp}/papyra-demo.XXXXXX")
trap 'rm -rf "$dir"' EXIT
log=$dir/events.ndjson

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s  %s%s\n' "$dim" "$*" "$plain"; }

# run CODE 'SHELL COMMAND' shows the command, runs it, and ends the demo unless it exits with CODE.
run() {
	local want=$1 got=0
	printf '%s$ %s%s\n' "$bold" "${2//$dir\//}" "$plain"
	(cd "$dir" && PATH=$bin:$PATH bash -o pipefail -c "${2//$dir\//}") || got=$?
	if [ "$got" -ne "$want" ]; then
		echo "demo: exit code $got, $want was expected: $2" >&2
		exit 1
	fi
	note "exit code $got, as expected${3:+: $3}"
}

say "Building into bin/"
make --no-print-directory -s build
bin=$PWD/bin

say "Writing a log of $records records from the last thirty days, damaged in some sixty places"
go run ./scripts/genlog --records "$records" --seed 42 --now "$(date +%s)" --out "$log" --truth "$dir/truth.ndjson" \
	--damage corrupted_line=12 --damage glued_records=9 --damage nul_bytes=6 --damage invalid_utf8=4 --damage nonstandard_number=5 \
	--damage unknown_kind=3 --damage missing_timestamp=2 --damage missing_kind=1 --damage timestamp_regression=6 \
	--damage duplicate_key=3 --damage blank_line=4 --damage carriage_return=3 --damage truncated_line=1
note "What was damaged, by type:"
sed 's/.*"type":"\([a-z_0-9]*\)".*/\1/' "$dir/truth.ndjson" | sort | uniq -c | sort -rn | sed 's/^/  /'

say "Scan: what is wrong?"
run 2 "papyra-scan --max-anomalies 8 $log" "anomalies were found"

say "Repair: drop what is torn, save whole records from damaged lines, keep what is merely odd"
run 3 "papyra-repair $log" "repaired; records of unknown kind and numbers like NaN stay unless asked, for somebody may need them"
run 0 "papyra-repair --drop-unknown --fix-numbers $log" "now they are dealt with too, and nothing but warnings is left"

say "Scan again"
run 0 "papyra-scan $log" "healthy"

say "Filter: retention at read time, as a pipe; the log stays as it is"
if command -v jq >/dev/null; then
	run 0 "papyra-filter --max-age 7d $log | jq -r .kind | sort | uniq -c"
	run 0 "papyra-filter --kind dead_letter --max-age 7d --limit 3 $log | jq -c '{timestamp, target, message_type}'"
else
	run 0 "papyra-filter --kind dead_letter --max-age 7d --limit 3 $log" "without jq, which is not installed"
fi
run 0 "papyra-repair --quiet < $log | papyra-filter --max-records 2" "every step reads standard input as well"

say "Compact: the same retention made physical, by an atomic replacement; first a dry run"
run 0 "papyra-compact --max-age 7d --max-records 100000 --dry-run $log"
run 0 "papyra-compact --max-age 7d --max-records 100000 $log"

say "Inspect: what is left?"
run 0 "papyra-inspect $log"

say "Done in $SECONDS s. Nothing is left in ${dir%/*}."
