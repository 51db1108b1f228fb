import { seconds } from '../moment.ts'
import type { Output } from '../output.ts'
import type { Ticker } from '../ticker.ts'

/** The steps of the demo: what is under way on a terminal, and what is done with the time that it took. */
export class Steps {
  readonly #out: Output
  readonly #ticker: Ticker

  constructor(out: Output, ticker: Ticker) {
    this.#out = out
    this.#ticker = ticker
  }

  note(message: string): void {
    this.#out.event('note', { message })
    this.#ticker.keep(message)
  }

  underWay(message: string): void {
    if (this.#out.live) this.#ticker.tick(message)
  }

  done(step: string, detail: string, ms: number): void {
    this.#out.event('step', { step, ms: Math.round(ms), detail })
    const mark = this.#out.paint('green', '✓')
    this.#ticker.keep(`${mark} ${step.padEnd(12)} ${seconds(ms).padStart(8)}  ${detail}`)
  }

  /** For programs: a task's event, as every command tells it. */
  event(type: string, fields: object): void {
    this.#out.event(type, fields)
  }

  /** Times a step from here to its end. */
  async run<T>(
    step: string,
    message: string,
    act: () => Promise<T>,
    detail: (result: T) => string,
  ): Promise<T> {
    this.underWay(message)
    const began = performance.now()
    const result = await act()
    this.done(step, detail(result), performance.now() - began)
    return result
  }
}
