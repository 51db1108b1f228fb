import { Refusal } from '@wikistead/contracts'

/**
 * Where a browser goes after its sign-in: a path of ours, with query and fragment. What some browser could take for an
 * address of another site is none. @throws Refusal `invalid_request`
 */
export function localPath(given: string): string {
  const base = 'http://here.invalid'
  // Browsers drop tabs and line ends, and take `\` for `/`.
  if (/^\/(?!\/)[^\\\p{Cc}]*$/u.test(given) && given.length <= 2_000 && URL.canParse(given, base)) {
    const { origin, pathname, search, hash } = new URL(given, base)
    if (origin === base && !pathname.startsWith('//')) return pathname + search + hash
  }
  throw new Refusal('invalid_request', 'return_to is a path of this installation, like /wikis.')
}
