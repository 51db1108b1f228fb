/** Where a command has got to: one line that is redrawn on a terminal; plain lines in a pipe; nothing for programs. */
import process from 'node:process'
import { LiveLine } from './live-line.ts'
import type { Output } from './output.ts'

export interface Ticker extends Disposable {
  /** What is under way now, in percent of the whole when that is known. */
  tick(text: string, percent?: number): void
  /** A line that stays. */
  keep(line: string): void
  /** Takes the redrawn line away. May be called twice, as disposal does. */
  clear(): void
}

export function startTicker(out: Output): Ticker {
  return out.live ? redrawn(out) : plain(out)
}

function plain(out: Output): Ticker {
  const clear = (): void => undefined
  return {
    tick(text, percent) {
      out.line(percent === undefined ? text : `${String(percent).padStart(3)} %  ${text}`)
    },
    keep: (line) => {
      out.line(line)
    },
    clear,
    [Symbol.dispose]: clear,
  }
}

function redrawn(out: Output): Ticker {
  const line = new LiveLine(process.stdout)
  const clear = (): void => {
    line.end()
  }
  return {
    tick(text, percent) {
      line.show({ text, percent })
    },
    keep(kept) {
      line.hide()
      out.line(kept)
      line.redraw()
    },
    clear,
    [Symbol.dispose]: clear,
  }
}
