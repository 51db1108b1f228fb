/**
 * What this process knows and nobody is to read: every secret is learned where it comes in, and hidden at every door
 * where words go out (log, events, alarms, Temporal's histories, answers about errors), however it is written there.
 */

export class HiddenWords {
  /** By their first letters, the longest first. */
  readonly #words = new Map<string, string[]>()
  /** Of those that are forgotten once many others were met. */
  readonly #met: string[] = []

  /** Until this process ends. */
  learn(secret: string): void {
    for (const word of writings(secret)) this.#add(word)
  }

  /** For a while: there are as many wikis as there are, each with a password. */
  meet(secret: string): void {
    if (this.#met.includes(secret)) return
    this.#met.push(secret)
    this.learn(secret)
    const oldest = this.#met.length > mostMet ? this.#met.shift() : undefined
    if (oldest === undefined) return
    for (const word of writings(oldest)) this.#remove(word)
  }

  hide(text: string): string {
    let hidden = ''
    let from = 0
    for (let at = 0; at + keyLength <= text.length; at += 1) {
      const word = this.#words.get(text.slice(at, at + keyLength))?.find((each) => stands(text, at, each))
      if (word === undefined) continue
      hidden += `${text.slice(from, at)}[secret]`
      from = at + word.length
      at = from - 1
    }
    return hidden + text.slice(from)
  }

  #add(word: string): void {
    const key = word.slice(0, keyLength)
    const alike = this.#words.get(key) ?? []
    this.#words.set(
      key,
      [...alike, word].sort((a, b) => b.length - a.length),
    )
  }

  /** One writing of it: another secret may be written so, too. */
  #remove(word: string): void {
    const key = word.slice(0, keyLength)
    const alike = this.#words.get(key) ?? []
    const at = alike.indexOf(word)
    if (at >= 0) this.#words.set(key, alike.toSpliced(at, 1))
  }
}

const mostMet = 64
/** Whoever has a shorter secret would have every such syllable hidden. */
const keyLength = 4
/** A shorter one is hidden where it stands alone: `wiki` is no part of `wikis`. */
const longEnough = 8

function stands(text: string, at: number, word: string): boolean {
  if (!text.startsWith(word, at)) return false
  if (word.length >= longEnough) return true
  return !/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + word.length))
}

/** As it is; in an address or a form; in JSON, and JSON within JSON; in SQL; in HTML; in Base64, with what stands around it. */
function writings(secret: string): ReadonlySet<string> {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
  const inUrl = encodeURIComponent(secret.toWellFormed())
  const strictly = inUrl.replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const inUrls = [inUrl, strictly].flatMap((text) => [
    ...[text, text.replaceAll('%20', '+')],
    text.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
  ])
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const inHtml = ['&#039;', '&#39;'].map((quote) => html.replaceAll('"', '&quot;').replaceAll("'", quote))
  const all = [
    ...[secret, inJson(secret), inJson(inJson(secret)), secret.replaceAll(/['"\\]/g, '\\$&')],
    ...[...inUrls, html, ...inHtml],
    ...base64(secret),
  ]
  return new Set(all.filter((word) => word.length >= keyLength))
}

/** Of the three places that a letter may have among others; only what follows from the secret itself. */
function base64(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret)
  const found = [0, 1, 2].map((before) => {
    const all = [...new Uint8Array(before), ...bytes].map((byte) => String.fromCharCode(byte)).join('')
    const from = Math.ceil((before * 8) / 6)
    return btoa(all).slice(from, Math.floor((all.length * 8) / 6))
  })
  const plain = found.filter((word) => word.length >= longEnough)
  return plain.flatMap((word) => [word, word.replaceAll('+', '-').replaceAll('/', '_')])
}

/** What is a secret by where it stands, whoever's it is. */
const bySight: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(Bearer|Basic) [\w.~+/=-]{16,}/gi, '$1 [secret]'],
  // The user before it is told.
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s/:@"'\\]*):[^\s/@"'\\]+@/gi, '$1:[secret]@'],
  [/\b(wikistead-[a-z]+=)[\w.~%-]{16,}/g, '$1[secret]'],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g, '[secret]'],
]

/** Of this process. */
const known = new HiddenWords()

export function learnSecret(secret: string): void {
  known.learn(secret)
}

/** One of many, each of which passes by. */
export function meetSecret(secret: string): void {
  known.meet(secret)
}

export function hideSecrets(text: string): string {
  return bySight.reduce((hidden, [pattern, instead]) => hidden.replaceAll(pattern, instead), known.hide(text))
}

/** The same with every text in it hidden; keys stay. */
export function hideSecretsIn<T>(value: T): T {
  return hiddenIn(value) as T
}

function hiddenIn(value: unknown): unknown {
  if (typeof value === 'string') return hideSecrets(value)
  if (Array.isArray(value)) return value.map(hiddenIn)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hiddenIn(each)]))
}
