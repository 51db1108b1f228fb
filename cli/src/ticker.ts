/** Where a command has got to: one line that is redrawn on a terminal; plain lines in a pipe; nothing for programs. */
import process from 'node:process'
import type { Output } from './output.ts'

export interface Ticker extends Disposable {
  /** What is under way now, in percent of the whole when that is known. */
  tick(text: string, percent?: number): void
  /** A line that stays. */
  keep(line: string): void
  /** Takes the redrawn line away. May be called twice, as disposal does. */
  clear(): void
}

export async function startTicker(out: Output): Promise<Ticker> {
  return out.live ? startRedrawn(out) : plain(out)
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

async function startRedrawn(out: Output): Promise<Ticker> {
  const { default: ora } = await import('ora')
  const spinner = ora({
    stream: process.stdout,
    // Raw mode would take Ctrl-C from the terminal.
    discardStdin: false,
    color: out.coloured ? 'cyan' : false,
  })
  const clear = (): void => {
    spinner.stop()
  }
  return {
    tick(text, percent) {
      const line = percent === undefined ? text : `${bar(percent)} ${String(percent).padStart(3)} %  ${text}`
      spinner.start(line.slice(0, process.stdout.columns - 4))
    },
    keep(line) {
      const { text, isSpinning } = spinner
      spinner.stop()
      out.line(line)
      if (isSpinning) spinner.start(text)
    },
    clear,
    [Symbol.dispose]: clear,
  }
}

const barWidth = 20

function bar(percent: number): string {
  const full = Math.round((percent / 100) * barWidth)
  return '█'.repeat(full) + '░'.repeat(barWidth - full)
}
