/**
 * Lines of text from bytes that come cut anywhere. Bytes are cut at line feeds first and decoded a whole line at a time:
 * no byte of a longer UTF-8 character is a line feed.
 */
import { stripVTControlCharacters } from 'node:util'

export interface LineSplitterOptions {
  /** Bytes that came before. */
  readonly from: number
  /** `end` is where the line ended, in bytes. */
  readonly onLine: (line: string, end: number) => void
  /** Sees each whole line before it is cut. */
  readonly redact: (line: string) => string
}

const lineFeed = 0x0a
/** Of one line, so much is held in memory. */
const heldBytes = 65_536
const shownCharacters = 4_000

export class LineSplitter {
  readonly #options: LineSplitterOptions
  #held: Buffer[] = []
  #heldBytes = 0
  #longer = false
  #seen: number

  constructor(options: LineSplitterOptions) {
    this.#options = options
    this.#seen = options.from
  }

  push(bytes: Buffer): void {
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      this.#hold(bytes.subarray(start, end))
      this.#seen += 1
      this.#emit()
      start = end + 1
    }
    this.#hold(bytes.subarray(start))
  }

  /** Gives out what came after the last line feed. */
  end(): void {
    if (this.#heldBytes > 0) this.#emit()
  }

  #hold(bytes: Buffer): void {
    this.#seen += bytes.length
    const room = heldBytes - this.#heldBytes
    if (bytes.length > room) this.#longer = true
    if (bytes.length === 0 || room === 0) return
    // A copy: the reader uses its buffer again.
    this.#held.push(Buffer.from(bytes.subarray(0, room)))
    this.#heldBytes += Math.min(bytes.length, room)
  }

  #emit(): void {
    const text = Buffer.concat(this.#held).toString('utf8')
    const longer = this.#longer
    this.#held = []
    this.#heldBytes = 0
    this.#longer = false
    // A carriage return begins the same line on a screen anew; here it is a line of its own.
    for (const part of text.replace(/\r+$/, '').split(/\r+/)) {
      const line = this.#options.redact(plain(part))
      const cut = longer || line.length > shownCharacters
      const shown = cut ? `${line.slice(0, shownCharacters).toWellFormed()} … (cut)` : line
      this.#options.onLine(shown, this.#seen)
    }
  }
}

function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}
