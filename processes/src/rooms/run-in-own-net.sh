#!/bin/sh
# Runs a command in a network that nothing else is in, with a relay beside it that lets in by a socket of the file system.
# `unshare --net` has made the network.
#
#   run-in-own-net.sh IP NODE RELAY SOCKET PORT USER COMMAND...
#
# The command replaces this shell. Without its relay it is of no use, and ends; the relay ends with the process group.
"$1" link set lo up || exit 1
(
	(
		"$2" "$3" "$4" "$5" "$6"
		kill -TERM $$
	) &
)
shift 6
exec "$@"
