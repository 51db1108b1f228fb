/**
 * What a MediaWiki wiki may be called, as far as the name alone says. It is also the name of the namespace for pages about
 * the wiki itself, so it must be one that MediaWiki's grammar of titles reads back as it was written. Forms look here while
 * somebody types; the service looks again. Zod-free.
 */

export type SiteNameFault =
  /** Nothing, or nothing but what MediaWiki drops. */
  | 'empty'
  | 'spaces'
  | 'long'
  /** A character that nobody sees: a control, half of a character, one that Unicode has not. */
  | 'invisible'
  /** One of the signs that mean something in a link. */
  | 'sign'
  /** `&amp;`, `%20`: read as another character. */
  | 'escape'
  /** `~~~`: a signature, once the page is saved. */
  | 'tildes'
  /** `./`, `/../`, or a slash in front: a way from one page to another. */
  | 'path'

/** In characters, as the API counts them, and in bytes, as MediaWiki's titles do. */
export const longestSiteName = { characters: 200, bytes: 255 }

/** The first fault of a name; undefined for a name that MediaWiki can take, whatever its language. */
export function siteNameFault(name: string): SiteNameFault | undefined {
  if (name === '') return 'empty'
  if (name.trim() !== name) return 'spaces'
  const { characters, bytes } = longestSiteName
  if (name.length > characters || new TextEncoder().encode(name).length > bytes) return 'long'
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFFFD\p{Noncharacter_Code_Point}]/u.test(name)) return 'invisible'
  if (/[<>[\]{}|#:]/.test(name)) return 'sign'
  const title = toTitle(name)
  if (title === '') return 'empty'
  if (new TextEncoder().encode(title).length > bytes) return 'long'
  if (/%[\da-f]{2}|&[\da-z\u0080-\u{10FFFF}]+;/iu.test(title)) return 'escape'
  if (title.includes('~~~')) return 'tildes'
  if (title.startsWith('/') || title.split('/').some((part) => part === '.' || part === '..')) return 'path'
  return undefined
}

/** As MediaWiki reads a title: without marks of direction, runs of any kind of space as one underscore. */
export function toTitle(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[\u200E\u200F\u202A-\u202E]+/g, '')
    .replace(/[ _\u00A0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000]+/g, '_')
    .replace(/^_+|_+$/g, '')
}
