/**
 * The proxy gives a task's events in short streams, so that nobody keeps a PHP worker: here they are joined into one,
 * which ends where the service ended it, after the task's `status`. Between them the proxy says how long to wait.
 */
export type OpenEvents = (after: number, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>

export async function joinedEvents(
  open: OpenEvents,
  after: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const stop = new AbortController()
  const leave = (): void => {
    stop.abort()
  }
  signal.addEventListener('abort', leave)
  const marks = new Marks(after)
  // What refuses the first refuses the whole.
  const first = await open(after, stop.signal)
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const pass = async (): Promise<void> => {
        for (let part = first; ; part = await open(marks.lastId, stop.signal)) {
          const reader = part.getReader()
          for (;;) {
            const { done, value } = await reader.read()
            if (done) break
            marks.read(value)
            controller.enqueue(value)
          }
          if (marks.ended) break
          marks.newPart()
          await wait(marks.retryMs, stop.signal)
        }
        controller.close()
      }
      pass()
        .catch((error: unknown) => {
          if (!stop.signal.aborted) controller.error(error)
        })
        .finally(() => {
          signal.removeEventListener('abort', leave)
        })
    },
    cancel: leave,
  })
}

/** The lines that say where a stream is; they are ASCII, whatever the others hold. */
class Marks {
  lastId: number
  retryMs = 1_000
  ended = false
  private begun = ''
  private readonly decoder = new TextDecoder()

  constructor(after: number) {
    this.lastId = after
  }

  read(chunk: Uint8Array): void {
    const lines = (this.begun + this.decoder.decode(chunk, { stream: true })).split('\n')
    this.begun = lines.pop() ?? ''
    for (const line of lines) {
      const id = /^id: (\d+)$/.exec(line)?.[1]
      const event = /^event: (\w+)$/.exec(line)?.[1]
      const retry = /^retry: (\d+)$/.exec(line)?.[1]
      if (id !== undefined) this.lastId = Number(id)
      if (event !== undefined) this.ended = event === 'status'
      if (retry !== undefined) this.retryMs = Number(retry)
    }
  }

  /** What was cut off comes again, whole. */
  newPart(): void {
    this.begun = ''
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new Error('left'))
    })
  })
}
