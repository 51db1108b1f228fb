#!/bin/sh
# Runs a command that cannot outlive the process that started it.
#
# Standard input is a lifeline: the parent holds the other end of it and writes nothing. The kernel closes that
# end when the parent ends, SIGKILL included, and then this script ends the whole process group. The command
# itself replaces the shell, so the parent sees its real pid, exit code and signals; the watch runs beside it as
# a shell of 1 MB, handed to init so that the command finds no child that it did not start. (A prctl "parent
# death" signal would reach the command but not the processes that the command starts, and exists on Linux only.)
exec 3<&0 </dev/null
(
	(
		trap '' TERM INT HUP
		read -r _ <&3
		kill -TERM 0
		sleep 2
		kill -KILL 0
	) >/dev/null 2>&1 &
)
exec 3<&-
exec "$@"
