#!/usr/bin/env bash
# Runs the program of this name and notes its exit code. Where the code is one that the command may well have in an example,
# the shell of the page goes on.
me=${0##*/}
# Not those of the machine on which the test runs.
[ "$me $1" != "papyra maintain" ] || [[ $* == *logs.d* ]] || set -- "$@" "$PAGES_DIR/etc/papyra/logs.d"
case " $* " in
*" --follow "*) # ends once a record was seen
	exec {out}< <(exec "$PAGES_BIN/$me" "$@")
	pid=$!
	IFS= read -r line <&"$out" && printf '%s\n' "$line"
	kill -TERM "$pid"
	wait "$pid"
	code=$?
	[ "$code" -eq 143 ] && code=0
	;;
*)
	"$PAGES_BIN/$me" "$@"
	code=$?
	;;
esac
printf '%s\t%s %s\n' "$code" "$me" "$*" >>"$PAGES_LOG"
case "$me $*" in
*startup-check*) allowed="0 4 5" ;; # anomalies; they remain
*"doctor run"*) allowed="0 1 2" ;;  # unhealthy; anomalies remain
papyra-scan* | *" scan "* | "papyra profile check"*) allowed="0 2" ;;
"papyra maintain"*) allowed="0 2 3" ;; # found; remaining
papyra-repair* | *" repair "* | *" recover "*) allowed="0 3" ;;
*) allowed=0 ;;
esac
case " $allowed $PAGES_EXIT " in *" $code "*) exit 0 ;; esac
exit "$code"
