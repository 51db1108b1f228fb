# Runs a command once and tells its end, for whoever asks and whenever: `sh -c THIS sh MODE FILES NAME ...`, as PHP's
# user, in the container or on the host. It needs no more than a POSIX shell with Debian's or BusyBox's tools.
#
#   run FILES NAME FOLDER BLOCKS COMMAND...   runs it, unless it runs or ran; leaves its exit code in FILES/run/exit
#   look FILES NAME                           0: nothing of it runs; 1: it may
#   stop FILES NAME GRACE                     ends it, by force after GRACE tenths of a second; then as `look`
#
# Two nets say whether a command runs. Its processes inherit file descriptor 9 with the lock on FILES/run/lock, which
# the kernel frees with the last of them, whatever kills them; and each has the name in its environment, should one
# close what it inherited. Neither can be had by another user: their lock is in a folder that they cannot enter, and of
# their environment nobody but root and they themselves can read. PHP's user can have both, so whoever holds the lock or
# bears the name in the end is ended, whatever it is. Other ways to end: 70 FILES cannot be used, 71 no FOLDER, 72 a tool is missing, 75 it runs
# already.
mode=$1 run=$2/run name=$3
shift 3

# Every process of the command. A zombie has no environment left.
marked() {
	grep -lsxzF "WIKISTEAD_COMMAND=$name" /proc/[0-9]*/environ | while IFS=/ read -r _ _ process _; do
		echo "$process"
	done
}

# Every process that has the lock open, but for this one.
holders() {
	lock=$(cd "$run" && pwd -P)/lock
	exec 9>&-
	ls -l /proc/[0-9]*/fd 2>/dev/null | while IFS= read -r line; do
		case $line in
		/proc/*/fd:) process=${line#/proc/} process=${process%/fd:} ;;
		*" -> $lock") [ "$process" = $$ ] || echo "$process" ;;
		esac
	done
}

runs() {
	! flock -n 9 || [ -n "$(marked)" ]
}

# Appends its input to a file of at most BLOCKS times 512 bytes; of the rest it keeps the end only.
keep() {
	(
		trap '' XFSZ
		ulimit -f "$blocks"
		exec cat >>"$run/$1"
	) 2>/dev/null || exec tail -c 65536 >"$run/$1.end"
}

# In a session of its own, so that its group can be ended without this shell, which waits to write the code down.
live() {
	WIKISTEAD_COMMAND=$name setsid "$@" </dev/null &
	echo $! >"$run/pid"
	# Some shells remark on a signal here; it is not the command's own output.
	wait $! 2>/dev/null
	code=$?
	kill -KILL "-$!" 2>/dev/null
	echo "$code" >"$run/code"
}

# The code counts when all output is in its file. An empty file counts for nothing: the disk was full.
settle() {
	[ ! -s "$run/code" ] || { read -r code <"$run/code" && echo "$code" >"$run/exit"; }
}

once() {
	folder=$1 blocks=$2
	shift 2
	# Another one may have the lock only to look.
	tries=0
	until flock -n 9; do
		tries=$((tries + 1))
		[ "$tries" -lt 10 ] || exit 75
		sleep 0.05
	done
	if [ -e "$run/pid" ]; then
		[ -z "$(marked)" ] || exit 75
		# The last time, this shell may have been killed when the command had ended already.
		settle
	fi
	# It ended, or was called off before this start arrived.
	[ ! -s "$run/exit" ] && [ ! -e "$run/../stop" ] || exit 0
	cd "$folder" 2>/dev/null || exit 71
	[ ! -e "$run/pid" ] || rm -f "$run/pid" "$run/out.end" "$run/err.end"
	{ live "$@" 2>&3 3>&- | keep out 3>&- 9>&-; } 3>&1 | keep err 9>&-
	settle
}

signal() {
	for process in $(marked); do
		kill "-$1" "$process" 2>/dev/null
		# What cleaned its environment is in the group still.
		[ "$process" != "$(cat "$run/pid")" ] || kill "-$1" "-$process" 2>/dev/null
	done
}

stop() {
	ticks=0
	while runs; do
		[ "$ticks" -lt $(($1 + 50)) ] || exit 1
		if [ "$ticks" -lt "$1" ]; then signal TERM; else signal KILL; fi
		# What watches over the command has had its time to write the code down.
		[ "$ticks" -lt $(($1 + 25)) ] || for process in $(holders); do kill -KILL "$process" 2>/dev/null; done
		ticks=$((ticks + 1))
		sleep 0.1
	done
}

for tool in cat flock grep ls rm setsid sleep tail; do
	command -v "$tool" >/dev/null || exit 72
done
[ -d "$run" ] && [ -w "$run" ] && [ -x "$run" ] || exit 70
exec 9>>"$run/lock" || exit 70
case $mode in
run) once "$@" ;;
look) ! runs ;;
stop) stop "$@" ;;
esac
