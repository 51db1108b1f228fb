/** Which passwords are taken: long ones that are on no list of what people use, nor a step away from one. */
import { Refusal } from '@wikistead/contracts'

/** By characters, as people count them. */
const leastPassword = 10

/** @throws Refusal `password_too_short`, `password_known`; `own` are words of theirs that anybody knows */
export function requirePassword(password: string, own: readonly string[], known: ReadonlySet<string>): void {
  if ([...password].length < leastPassword) {
    throw new Refusal(
      'password_too_short',
      `A password has ${String(leastPassword)} characters at least. Some words one after the other make a good one.`,
      { least: leastPassword },
    )
  }
  if (!isKnown(password.normalize('NFKC').toLowerCase(), own, known)) return
  throw new Refusal(
    'password_known',
    'This password, or one that is nearly the same, is on the lists that are tried first. Choose another.',
  )
}

/** So many characters before or after what is known make nothing else of it. */
const mostAround = 4

function isKnown(password: string, own: readonly string[], known: ReadonlySet<string>): boolean {
  const unit = unitOf(password)
  if (unit.length <= mostAround || known.has(unit) || isRow(password)) return true
  const words = own.map((word) => word.normalize('NFKC').toLowerCase()).filter((word) => word.length > 2)
  if (words.some((word) => password.replaceAll(word, '').length <= mostAround)) return true
  for (let around = 0; around <= mostAround; around += 1) {
    for (let before = 0; before <= around; before += 1) {
      if (known.has(password.slice(before, password.length - (around - before)))) return true
    }
  }
  return false
}

/** What it repeats: of `abcabcab` `abc`; itself where it repeats nothing. */
function unitOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const unit = text.slice(0, length)
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return unit
  }
  return text
}

/** `abcdefghij`, `9876543210` */
function isRow(text: string): boolean {
  const steps = new Set([...text].slice(1).map((_, at) => text.charCodeAt(at + 1) - text.charCodeAt(at)))
  return steps.size === 1
}
