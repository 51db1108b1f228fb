/**
 * What a request to a wiki may reach. Everything is refused but MediaWiki's own addresses and the static files of its
 * code, so what lies beside them (pubwiki.ini, includes/, maintenance/, .git, uploads) needs no list of its own.
 */

export type WikiRequest =
  | { readonly kind: 'php' }
  | {
      readonly kind: 'file'
      /** In the wiki's folder, URL-encoded, with a leading slash. */
      readonly path: string
    }
  | { readonly kind: 'nothing' }

const entryPoint = /^\/(?:index|api|load|rest|img_auth|thumb|opensearch_desc)\.php(?:\/|$)/
const staticFile =
  /^\/(?:resources|skins|extensions)\/.*\.(?:css|js|mjs|map|png|gif|jpe?g|webp|svg|ico|cur|woff2?|ttf|wasm|ogg|mp3)$/i
const topLevelFile = /^\/(?:favicon\.ico|robots\.txt)$/

/** `target` is the request's URL without scheme and host. */
export function classifyRequest(target: string): WikiRequest {
  const path = target.split('?', 1)[0] ?? ''
  if (path === '/' || path.startsWith('/wiki/') || entryPoint.test(path)) return { kind: 'php' }
  if (isPlain(path) && (staticFile.test(path) || topLevelFile.test(path))) return { kind: 'file', path }
  return { kind: 'nothing' }
}

export interface FarmHosts {
  /** Wikis live one label below it, e.g. `wikis.example.org`. */
  readonly rootHost: string
  /** The wiki that `rootHost` itself is, e.g. the hub; default none. */
  readonly rootSlug?: string
}

/** The wiki that a Host header means, whether it exists or not. */
export function slugOfHost(host: string | undefined, { rootHost, rootSlug }: FarmHosts): string | undefined {
  const name = (host ?? '').toLowerCase().replace(/:\d*$/, '')
  if (name === rootHost) return rootSlug
  const suffix = `.${rootHost}`
  const label = name.endsWith(suffix) ? name.slice(0, -suffix.length) : ''
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label) ? label : undefined
}

/** No encoding, no dot folder or file, nothing that could be read as another path. */
function isPlain(path: string): boolean {
  return /^[\w./+@-]+$/.test(path) && !path.includes('//') && !path.includes('/.')
}
