import process from 'node:process'

/** npm hands on a Ctrl-C that the terminal has sent already: two within this time are one. */
const sameSignalMs = 1_000

/** Resolves at the first SIGINT or SIGTERM; a later one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        first ??= performance.now()
        if (performance.now() - first > sameSignalMs) process.exit(1)
        resolve(signal)
      })
    }
  })
}

/** The start; a stop before it is done ends the process at once: its children cannot outlive it. */
export async function unlessStopped<T>(stop: Promise<unknown>, starting: Promise<T>): Promise<T> {
  let underWay = true
  void stop.then(() => {
    if (underWay) process.exit(130)
  })
  try {
    return await starting
  } finally {
    underWay = false
  }
}
