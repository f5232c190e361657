#!/usr/bin/env bash
# Stands for a program that a test does not run as it is: see elsewhere in pages_test.go.
set -eu
me=${0##*/}
case "$me" in
make) exec /usr/bin/env -u MAKEFLAGS PATH="$PAGES_PATH" make -n -C "$PAGES_REPO" "$@" >/dev/null ;;
genlog) exec "$PAGES_BIN/genlog" "${@/%[0-9][GM]B/64kB}" ;;
split) PATH="$PAGES_PATH" exec split "${@/#l\/*/l/10}" ;;
go)
	case "$1 $2" in
	"run ./scripts/genlog") shift 2; exec "$PAGES_BIN/genlog" "$@" ;;
	run*) [ -d "$PAGES_REPO/$2" ] ;;
	build*) [ -d "$PAGES_REPO/${!#}" ] ;;
	test*) # the packages are there, and each name of -run is that of a test
		dirs=() names=
		while [ $# -gt 0 ]; do
			case "$1" in
			-run) names=$2; shift ;;
			./*) dirs+=("$PAGES_REPO/${1%/...}") ;;
			esac
			shift
		done
		for name in ${names//[|$]/ }; do
			grep -rqE --include='*_test.go' "^func Test\w*${name#Test}" "${dirs[@]}" || { echo "no test $name in ${dirs[*]}" >&2; exit 1; }
		done
		;;
	*) exit 1 ;;
	esac
	;;
curl | producer) cat "$PAGES_DIR/${me}.out" ;;
journalctl) cat "$PAGES_DIR/journald.ndjson" ;;
redis-cli) cat >/dev/null ;;
*) ;;
esac
