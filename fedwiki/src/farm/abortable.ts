/** Waits for what others share, so it must go on; only this wait ends with the signal, rejecting with its reason. */
export async function abortable<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([shared, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
