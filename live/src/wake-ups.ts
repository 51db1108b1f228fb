/** Who listens to which task in this process. Calls are put off to the end of the turn, so that many are one. */

interface Listener {
  readonly wake: () => void
}

export class WakeUps {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #due = new Set<string>()
  #flush: NodeJS.Immediate | undefined

  get taskIds(): string[] {
    return [...this.#listeners.keys()]
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  subscribe(taskId: string, wake: () => void): () => void {
    // The same function may be given twice.
    const listener: Listener = { wake }
    const listeners = this.#listeners.get(taskId) ?? new Set()
    this.#listeners.set(taskId, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(taskId) !== listeners) return
      this.#listeners.delete(taskId)
      this.#due.delete(taskId)
    }
  }

  wake(taskId: string): void {
    if (!this.#listeners.has(taskId)) return
    this.#due.add(taskId)
    this.#flush ??= setImmediate(() => this.#wakeDue())
  }

  clear(): void {
    this.#listeners.clear()
    this.#due.clear()
    clearImmediate(this.#flush)
    this.#flush = undefined
  }

  #wakeDue(): void {
    const due = [...this.#due]
    this.#due.clear()
    this.#flush = undefined
    for (const taskId of due) {
      const listeners = this.#listeners.get(taskId)
      for (const listener of [...(listeners ?? [])]) {
        // An earlier one may have sent it away.
        if (listeners?.has(listener)) callSafely(listener)
      }
    }
  }
}

/** A listener that throws is a mistake of ours: it is said aloud, and harms no other. */
function callSafely({ wake }: Listener): void {
  try {
    wake()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { type: 'WakeUpWarning' })
  }
}
