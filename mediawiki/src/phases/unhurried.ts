/**
 * Before a command that nobody waits for: people work in the wiki meanwhile, and others wait for theirs. Each command has a
 * session of its own, which a kernel with autogroups (see sched(7)) gives as much of the processor as any other session, however
 * nice the processes in it are.
 */
export const unhurried = [
  ...['sh', '-c', '{ echo 19 > /proc/self/autogroup; } 2> /dev/null; exec nice -n 19 "$@"', 'sh'],
] as const

/** For one script that reads every page. */
export const indexTimeLimitMs = 60 * 60_000
