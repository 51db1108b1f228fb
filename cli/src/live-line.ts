/** The one line of a terminal that is redrawn. */
import type { WriteStream } from 'node:tty'
import cliTruncate from 'cli-truncate'

/** What is under way, in percent of the whole when that is known. */
export interface Shown {
  readonly text: string
  readonly percent: number | undefined
}

/** A terminal that is narrower gets plain lines, as one does that does not say how wide it is. */
export const narrowestLive = 20

/** How often it turns: often enough to be seen alive, at little cost. */
const turnMs = 120
const marks = ['|', '/', '-', '\\'] as const
const eraseLine = '\r\u001B[K'

/** It never takes more than a row, so a redrawing never touches what stands above. */
export class LiveLine {
  readonly #terminal: WriteStream
  #shown: Shown | undefined
  #turn = 0
  #turning: NodeJS.Timeout | undefined

  constructor(terminal: WriteStream) {
    this.#terminal = terminal
  }

  readonly #draw = (): void => {
    if (this.#shown === undefined) return
    const line = asRow(this.#shown, this.#terminal.columns, marks[this.#turn % marks.length] ?? '')
    this.#terminal.write(eraseLine + line)
  }

  show(shown: Shown): void {
    this.#shown = shown
    if (this.#turning === undefined) {
      this.#terminal.on('resize', this.#draw)
      this.#turning = setInterval(() => {
        this.#turn += 1
        this.#draw()
      }, turnMs).unref()
    }
    this.#draw()
  }

  /** Until it is drawn again. */
  hide(): void {
    if (this.#shown !== undefined) this.#terminal.write(eraseLine)
  }

  redraw(): void {
    this.#draw()
  }

  /** May be called twice. */
  end(): void {
    this.hide()
    this.#shown = undefined
    this.#terminal.off('resize', this.#draw)
    clearInterval(this.#turning)
    this.#turning = undefined
  }
}

const barWidth = 20
/** Below this the text says more than the bar. */
const narrowestWithBar = 60

/**
 * The line for a terminal of so many columns: nothing where it does not say how many (0), and always one less than there
 * are, since some go on to the next row when the last is full.
 */
export function asRow({ text, percent }: Shown, terminalColumns: number, mark: string): string {
  const room = Number.isInteger(terminalColumns) ? terminalColumns - 1 : 0
  if (room < 1) return ''
  const bar = percent === undefined || room < narrowestWithBar ? '' : `${barOf(percent)} `
  const share = percent === undefined ? '' : `${bar}${String(percent).padStart(3)} %  `
  // What would move the cursor has no place in a row.
  // eslint-disable-next-line no-control-regex
  return cliTruncate(`${mark} ${share}${text.replaceAll(/[\u0000-\u001F\u007F]+/g, ' ')}`, room)
}

function barOf(percent: number): string {
  const full = Math.round((percent / 100) * barWidth)
  return '█'.repeat(full) + '░'.repeat(barWidth - full)
}
