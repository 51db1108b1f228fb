/**
 * Which sites the running farm has open. The farm opens a site at its first request, and opens it once more for each
 * request that comes before that is done: so the first one goes alone.
 */
import { isPlainDomain } from '@wikistead/contracts'
import { requestFarm } from './farm-request.ts'

const openTimeoutMs = 30_000

export class OpenSites {
  readonly #port: number
  readonly #machine: string | undefined
  #opened = new Map<string, Promise<boolean>>()

  /** @param machine where the farm is; default this one */
  constructor(port: number, machine?: string) {
    this.#port = port
    this.#machine = machine
  }

  /** Resolves to whether the farm has such a site; it is open then. */
  open(host: string): Promise<boolean> {
    // What is no domain must never reach the farm in a Host header: `__proto__` ends it.
    if (!isPlainDomain(host)) return Promise.resolve(false)
    const known = this.#opened.get(host)
    if (known !== undefined) return known
    const opened = this.#opened
    const opening = this.#ask(host)
    opened.set(host, opening)
    const forget = () => opened.delete(host)
    opening.then((isSite) => isSite || forget(), forget)
    return opening
  }

  /** The farm was started again. */
  forgetAll(): void {
    this.#opened = new Map()
  }

  async #ask(host: string): Promise<boolean> {
    const signal = AbortSignal.timeout(openTimeoutMs)
    const { status } = await requestFarm(this.#port, host, '/system/plugins.json', {
      ...{ signal, machine: this.#machine },
    })
    return status === 200
  }
}
