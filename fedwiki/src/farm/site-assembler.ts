/**
 * Puts together, out of the tokens of FarmManager's list, the few fields that a site may show, one site at a time.
 * Everything else is let go as it passes: no secret, no long text and no deep nesting is ever held.
 */
import type { Token } from 'stream-json/core/parser.js'

export class SiteAssembler {
  /** From the site inwards, the objects that are being put together. */
  readonly #open: Frame[] = []
  #begun = false
  /** How deep we are in something that is let go; 0 when we are not. */
  #passing = 0
  #key: string | undefined
  /** Of the key, string or number that is arriving; undefined once it is too long. */
  #text: string | undefined

  /** The fields of a site when this token ends one. @throws Error when this is no list of objects */
  take(token: Token): object | undefined {
    if (!this.#begun) {
      if (token.name !== 'startArray') throw new Error('no list')
      this.#begun = true
      return undefined
    }
    if (this.#passing > 0) return this.#pass(token)
    switch (token.name) {
      case 'startKey':
      case 'startString':
      case 'startNumber':
        this.#text = ''
        return undefined
      case 'stringChunk':
      case 'numberChunk':
        this.#append(token.value)
        return undefined
      case 'endKey':
        this.#key = this.#text
        return undefined
      case 'endString':
        return this.#put(this.#text === undefined ? undefined : detached(this.#text))
      case 'endNumber':
        return this.#put(this.#text === undefined ? undefined : Number(this.#text))
      case 'nullValue':
      case 'trueValue':
      case 'falseValue':
        return this.#put(token.value)
      case 'startObject':
      case 'startArray':
        return this.#begin(token.name === 'startObject')
      case 'endObject':
        return this.#end()
      // Of the list itself; that nothing comes after it, and that it comes at all, the parser sees to.
      case 'endArray':
        return undefined
      case 'keyValue':
      case 'stringValue':
      case 'numberValue':
      case 'whitespace':
        throw new Error('the parser must not pack values')
    }
  }

  #pass({ name }: Token): undefined {
    if (name === 'startObject' || name === 'startArray') this.#passing++
    else if (name === 'endObject' || name === 'endArray') this.#passing--
    if (this.#passing > maximumDepth) throw new Error('nested too deep')
  }

  #append(piece: string): void {
    if (this.#text === undefined) return
    this.#text = this.#text.length + piece.length > maximumText ? undefined : this.#text + piece
  }

  #put(value: unknown): undefined {
    const frame = this.#open.at(-1)
    if (!frame) throw new Error('an entry that is no object')
    const { key, known } = this.#field(frame)
    if (known && value !== undefined) frame.value[key] = value
    else frame.value[others] = true
  }

  #begin(isObject: boolean): undefined {
    const frame = this.#open.at(-1)
    if (!frame) {
      if (!isObject) throw new Error('an entry that is no object')
      this.#open.push({ fields: siteFields, value: {} })
      return
    }
    const { key, known } = this.#field(frame)
    if (known && isObject && known !== 'plain') {
      const value = {}
      frame.value[key] = value
      this.#open.push({ fields: known, value })
      return
    }
    // Where a plain value was due, something of the wrong type stays to be found wrong.
    if (known) frame.value[key] = []
    else frame.value[others] = true
    this.#passing = 1
  }

  #end(): object | undefined {
    const frame = this.#open.pop()
    return this.#open.length === 0 ? frame?.value : undefined
  }

  #field({ fields }: Frame): { key: string; known: Field | undefined } {
    const key = this.#key ?? others
    return { key, known: fields.get(key) }
  }
}

interface Frame {
  readonly fields: Fields
  readonly value: Record<string, unknown>
}
type Field = 'plain' | Fields
type Fields = ReadonlyMap<string, Field>

const ownerFields: Fields = new Map<string, Field>([
  ['name', 'plain'],
  ['oauth2', new Map([['id', 'plain']])],
])
const siteFields: Fields = new Map<string, Field>([
  ['name', 'plain'],
  ['status', 'plain'],
  ['pages', 'plain'],
  ['storageBytes', 'plain'],
  ['lastModified', 'plain'],
  ['owner', ownerFields],
])
/** Stands for all fields that were let go: an owner of which nothing is known is not the same as no owner. */
const others = 'others'

const maximumText = 1_000
const maximumDepth = 100

/** A piece of a string keeps the whole of it in memory: some ten kilobytes of list for the sake of a name. */
function detached(text: string): string {
  return Buffer.from(text).toString()
}
