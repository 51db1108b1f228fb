/**
 * A wiki's pubwiki.ini, as PHP's parse_ini_file reads it (NORMAL or TYPED, not RAW). Only the statements that are set
 * change; comments, sections and keys that Wikistead does not know stay as the operator wrote them, byte for byte.
 *
 * Inside, a file is a string with one character a byte, so that whatever its encoding is comes out as it went in.
 */
import { Refusal } from '@wikistead/contracts'

/** Text is quoted; a boolean is a bare word, which PHP reads as truth or its absence. */
export type IniValue = string | boolean

export class PubwikiIni {
  #text: string

  /** @throws Refusal `template_broken` when PHP could not read it either: a quote is never closed */
  constructor(content: Uint8Array | string = '') {
    this.#text = Buffer.from(content)
      .toString('latin1')
      .replace(/^\xEF\xBB\xBF/, '')
    scan(this.#text)
  }

  /** What PHP reads for it; undefined when it is not set, or is not plain text, such as a `${…}` or an array. */
  get(key: string): IniValue | undefined {
    const statement = scan(this.#text).statements.findLast(({ name }) => name === key)
    return statement && readValue(this.#text.slice(statement.valueFrom, statement.to))
  }

  /**
   * Undefined takes the key out, with its line.
   * @throws Refusal `invalid_request` for text that no ini file can hold: a NUL, half a character
   */
  set(key: string, value: IniValue | undefined): this {
    if (value === undefined) return this.#remove(key)
    const line = `${requireKey(key)}=${writeValue(key, value)}`
    const { statements, firstSection } = scan(this.#text)
    const [first, ...others] = statements.filter(({ name }) => name === key)
    // PHP believes the last one of many; from the end, so that the places before stay right.
    for (const { from, to } of others.reverse()) this.#replace(from, to, '')
    if (first !== undefined) this.#replace(first.from, first.to, line)
    else this.#insert(firstSection ?? this.#text.length, line)
    return this
  }

  /** The comment on the first line says which task's values these are. */
  get task(): string | undefined {
    return /^; Wikistead task=(\S+)\r?\n/.exec(this.#text)?.[1]
  }

  stamp(task: string): this {
    this.#text = `; Wikistead task=${task}${this.#eol}${this.#text.replace(/^; Wikistead task=.*\n/, '')}`
    return this
  }

  toBytes(): Buffer {
    return Buffer.from(this.#text, 'latin1')
  }

  get #eol(): string {
    return this.#text.includes('\r\n') ? '\r\n' : '\n'
  }

  #remove(key: string): this {
    const { statements } = scan(this.#text)
    for (const { from, to } of statements.filter(({ name }) => name === key).reverse()) {
      const rest = /^[ \t]*\r?\n?/.exec(this.#text.slice(to))?.[0] ?? ''
      this.#replace(from, to + rest.length, '')
    }
    return this
  }

  #insert(at: number, line: string): void {
    const before = this.#text.slice(0, at)
    const gap = before === '' || before.endsWith('\n') ? '' : this.#eol
    this.#replace(at, at, gap + line + this.#eol)
  }

  #replace(from: number, to: number, by: string): void {
    this.#text = this.#text.slice(0, from) + by + this.#text.slice(to)
  }
}

interface Statement {
  readonly name: string
  readonly from: number
  readonly valueFrom: number
  /** Behind its value; spaces and a comment may follow on the line. */
  readonly to: number
}

interface Scan {
  readonly statements: readonly Statement[]
  readonly firstSection: number | undefined
}

function scan(text: string): Scan {
  const statements: Statement[] = []
  let firstSection: number | undefined
  const line = /[ \t\r\n]*(?:(;[^\r\n]*)|(\[[^\r\n]*)|([^=\r\n;]+)(?:(=)|(?=[\r\n;]|$))|=)/gy
  for (let match = line.exec(text); match !== null; match = line.exec(text)) {
    const [whole, , section, name, equals] = match
    const from = match.index + whole.length - whole.trimStart().length
    if (section !== undefined) firstSection ??= from
    if (name === undefined) continue
    const valueFrom = line.lastIndex
    const to = equals === undefined ? valueFrom : endOfValue(text, valueFrom)
    statements.push({ name: name.trim(), from, valueFrom, to })
    line.lastIndex = to
  }
  return { statements, firstSection }
}

/** Quoted text may hold line ends and semicolons; outside of quotes they end the value. */
function endOfValue(text: string, from: number): number {
  const pieces = /"(?:[^"\\]|\\[^])*"|'[^']*'|[^"'\r\n;]+/gy
  pieces.lastIndex = from
  let to = from
  while (pieces.test(text)) to = pieces.lastIndex
  if (text[to] === '"' || text[to] === "'") {
    throw new Refusal('template_broken', "In the template's pubwiki.ini a quote is never closed.")
  }
  return from + text.slice(from, to).trimEnd().length
}

function readValue(raw: string): IniValue | undefined {
  const value = raw.trim()
  if (/^(?:"(?:[^"\\$]|\\[^])*")+$/.test(value)) {
    const bytes = value.replaceAll(/"((?:[^"\\]|\\[^])*)"/g, (_, inner: string) =>
      inner.replaceAll(/\\(["\\$'])/g, '$1'),
    )
    return Buffer.from(bytes, 'latin1').toString()
  }
  if (/^(?:true|on|yes)$/i.test(value)) return true
  if (/^(?:false|off|no|none|null)?$/i.test(value)) return false
  return /["'$&|^~!(){}[\]]/.test(value) ? undefined : Buffer.from(value, 'latin1').toString()
}

function writeValue(key: string, value: IniValue): string {
  if (typeof value === 'boolean') return String(value)
  if (value.includes('\0') || !value.isWellFormed()) {
    throw new Refusal('invalid_request', `${key} cannot be written to an ini file.`)
  }
  const escaped = Buffer.from(value)
    .toString('latin1')
    .replaceAll(/["\\$]/g, '\\$&')
    // An escaped quote in front of a line end would break the whole file; so the quoted piece ends between them.
    .replaceAll(/\\"(?=[\r\n])/g, '\\"""')
  return `"${escaped}"`
}

function requireKey(key: string): string {
  if (/^[A-Z][A-Z0-9_]*$/.test(key)) return key
  throw new TypeError(`${key} is no key of pubwiki.ini`)
}
