/** Requests go through it; while what is behind it is put into another's place, those that come wait and none is refused. */
export class Gate {
  #closed: Promise<void> | undefined
  #inside = 0
  #left = Promise.withResolvers<void>()

  async pass<T>(act: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed
    this.#inside += 1
    try {
      return await act()
    } finally {
      this.#inside -= 1
      this.#left.resolve()
      this.#left = Promise.withResolvers<void>()
    }
  }

  /**
   * Acts once those inside are through, or after so long: whoever is slower is broken off by what is done then. One at a
   * time.
   */
  async whileClosed<T>(act: () => Promise<T>, patienceMs: number): Promise<T> {
    while (this.#closed !== undefined) await this.#closed
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = promise
    const impatient = Promise.withResolvers<void>()
    const timer = setTimeout(impatient.resolve, patienceMs)
    let isPatient = true
    void impatient.promise.then(() => (isPatient = false))
    try {
      while (this.#inside > 0 && isPatient) await Promise.race([this.#left.promise, impatient.promise])
      return await act()
    } finally {
      clearTimeout(timer)
      this.#closed = undefined
      resolve()
    }
  }
}
