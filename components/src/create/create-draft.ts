/**
 * What was filled in, kept in the tab's own storage: a reload loses nothing. With it goes the key of the request that
 * was sent last, so that sending the same again, after an answer was lost, still makes one wiki.
 */
import type { Engine, Visibility, WantedWiki } from '@wikistead/contracts'

export interface CreateDraft {
  engine: Engine
  name: string
  /** The slug or site name; with `customDomain` the whole domain. */
  address: string
  /** It follows the name until it is written by hand. */
  addressTouched: boolean
  customDomain: boolean
  language: string
  visibility: Visibility
}

interface Kept {
  readonly draft: CreateDraft
  readonly sent?: { readonly body: string; readonly key: string } | undefined
}

const place = 'wikifarm-create'

export function keptDraft(): Partial<CreateDraft> | undefined {
  return read()?.draft
}

export function keepDraft(draft: CreateDraft): void {
  write({ draft: { ...draft }, sent: read()?.sent })
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(place)
  } catch {
    // Storage may be switched off; then nothing was kept.
  }
}

/** The key for this request: the one it was sent with before, if it was. */
export function idempotencyKeyOf(draft: CreateDraft, wanted: WantedWiki): string {
  const body = JSON.stringify(wanted)
  const sent = read()?.sent
  if (sent?.body === body) return sent.key
  const key = newKey()
  write({ draft: { ...draft }, sent: { body, key } })
  return key
}

/** `crypto.randomUUID` is only there where the connection is secure. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

function read(): Kept | undefined {
  try {
    const text = sessionStorage.getItem(place)
    return text === null ? undefined : (JSON.parse(text) as Kept)
  } catch {
    return undefined
  }
}

function write(kept: Kept): void {
  try {
    sessionStorage.setItem(place, JSON.stringify(kept))
  } catch {
    // Then a reload loses what was filled in, and nothing else.
  }
}
