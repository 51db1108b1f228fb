/**
 * What a command says. For people: lines, and on a terminal one that is redrawn. For programs (`--json`): one object a
 * line, the last one its result, `{"event":"done","ok":true,…}`.
 */
import type { ConfigNote } from '@wikistead/config'
import process from 'node:process'
import { styleText } from 'node:util'
import { withWholeCommands } from './commands-in-words.ts'
import { narrowestLive } from './live-line.ts'
import type { Environment } from './setting-flags.ts'

export class Output {
  readonly json: boolean
  /** A person watches a terminal that has room for it: a line may be redrawn. */
  readonly live: boolean
  /** A person can be asked something. */
  readonly interactive: boolean
  readonly #stream = process.stdout

  constructor({ json }: Readonly<Record<string, unknown>>, { TERM }: Environment) {
    this.json = json === true
    this.interactive = !this.json && Boolean(this.#stream.isTTY) && Boolean(process.stdin.isTTY)
    this.live = !this.json && TERM !== 'dumb' && widthOf(this.#stream) >= narrowestLive
  }

  get coloured(): boolean {
    return this.paint('bold', 'x') !== 'x'
  }

  /** Of a terminal, in columns; a pipe, and a terminal that does not say, take lines of any length. */
  get width(): number {
    return widthOf(this.#stream) || Infinity
  }

  /** For people only. */
  line(text = ''): void {
    if (!this.json) this.#stream.write(`${withWholeCommands(text)}\n`)
  }

  /** For programs only. */
  event(event: string, fields: object): void {
    if (this.json) this.#stream.write(`${JSON.stringify(advice({ event, ...fields }))}\n`)
  }

  /** The result: the last line for programs, `lines` for people. */
  done(fields: object, ...lines: readonly string[]): void {
    this.event('done', { ok: true, ...fields })
    for (const line of lines) this.line(line)
  }

  /** What whoever called may not have meant; on standard error, where it is in no result's way. */
  aside(message: string): void {
    process.stderr.write(`${this.json ? JSON.stringify({ event: 'note', message }) : `Note: ${message}`}\n`)
  }

  /** What stops nothing; on standard error, where it is in no result's way. */
  note({ kind, setting, source, mend }: ConfigNote): void {
    const told = { event: 'note', kind, setting, source, mend }
    const line = this.json ? JSON.stringify(told) : `Note: ${setting} (${source}): ${mend}`
    process.stderr.write(`${line}\n`)
  }

  /** Coloured where the terminal wants it; NO_COLOR and pipes do not. */
  paint(style: Parameters<typeof styleText>[0], text: string): string {
    return styleText(style, text, { stream: this.#stream })
  }
}

/** What it says is to be done can be pasted. */
function advice(fields: Readonly<Record<string, unknown>>): object {
  const { next, mend } = fields
  return {
    ...fields,
    ...(typeof next === 'string' && { next: withWholeCommands(next) }),
    ...(typeof mend === 'string' && { mend: withWholeCommands(mend) }),
  }
}

/** 0 for a pipe and for a terminal that does not say, as those of `script` and of many CI systems. */
function widthOf({ isTTY, columns }: NodeJS.WriteStream): number {
  // Undefined in a pipe, whatever its type says.
  return (isTTY as boolean | undefined) === true && Number.isInteger(columns) ? Math.max(0, columns) : 0
}
