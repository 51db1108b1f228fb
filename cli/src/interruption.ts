import process from 'node:process'

export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

/** While it stands, Ctrl-C ends a wait and not the process. */
export function interruption(): Interruption {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort()
  }
  process.on('SIGINT', abort).on('SIGTERM', abort)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', abort).off('SIGTERM', abort)
    },
  }
}
