#!/bin/sh
# Runs a command that finds of closed folders only what it needs, at the place where it always is. Root calls it in a mount
# namespace of its own, so that nobody else sees what is mounted here; the command is one that gives root up.
#
#   run-in-room.sh [hide FOLDER]... [show PATH]... in FOLDER as COMMAND...
#
# What is shown is held by a descriptor before it is hidden. A shell has seven of them to give.
set -e
tools=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mask=$(umask)
umask 022

pass() {
	descriptor=3
	while [ "$1" != as ]; do
		case $phase-$1 in
		hold-show) eval "exec $descriptor<\"\$2\"" ;;
		hide-hide) PATH=$tools mount -t tmpfs -o mode=0755,size=64k wikistead "$2" ;;
		show-show)
			held=/proc/self/fd/$descriptor
			if [ -d "$held" ]; then
				PATH=$tools mkdir -p "$2"
			else
				PATH=$tools mkdir -p "${2%/*}"
				: >"$2"
			fi
			PATH=$tools mount --no-canonicalize --bind "$held" "$2"
			eval "exec $descriptor<&-"
			;;
		show-in) cd "$2" ;;
		esac
		[ "$1" != show ] || descriptor=$((descriptor + 1))
		shift 2
	done
}
for phase in hold hide show; do pass "$@"; done

while [ "$1" != as ]; do shift 2; done
shift
umask "$mask"
exec "$@"
