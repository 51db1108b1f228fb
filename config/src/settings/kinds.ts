/**
 * The kinds of values that settings have. Each takes what a flag, an environment variable or a YAML file
 * gives (text, in YAML lists of texts too, and what a command itself has as numbers and booleans), and its message says
 * how to mend it.
 */
import { isIP } from 'node:net'
import { isPlainDomain } from '@wikistead/contracts'
import { z } from 'zod'
import { formatDuration, parseDuration } from '../duration.ts'
import { Secret } from '../secret.ts'
import { parseStoreUrl, type StoreLocation } from '../store-location.ts'

export const text = z.string({ error: 'one text, no list' }).min(1, 'it is empty')

export const yesOrNo = z.union([z.boolean(), z.stringbool()], { error: 'write true or false' })

export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
  return z.enum(words, { error: `one of ${words.join(', ')}` })
}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const error =
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number, ${min} to ${max}`
  const digits = z.string().regex(/^\d+$/).transform(Number)
  return z.union([z.number(), digits], { error }).pipe(z.number().int(error).min(min, error).max(max, error))
}

/** 0 means any free port. */
export const port = wholeNumber(0, 65_535)

/** Milliseconds, of text like `30m`; both limits are included. */
export function duration(min: string, max: string) {
  const [minMs, maxMs] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0]
  return z
    .union([z.string(), z.literal(0)], { error: 'a number with its unit: ms, s, m, h or d, like 30m' })
    .transform((given, context) => {
      const milliseconds = parseDuration(String(given))
      if (milliseconds !== undefined && milliseconds >= minMs && milliseconds <= maxMs) return milliseconds
      context.addIssue(
        milliseconds === undefined
          ? 'a number with its unit: ms, s, m, h or d, like 30m'
          : `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`,
      )
      return z.NEVER
    })
}

export function list<Item extends z.ZodType<string, string>>(item: Item) {
  return z
    .union([z.array(z.string()), z.string().transform((given) => given.split(','))], {
      error: 'a list of texts, or one text with commas between',
    })
    .transform((given) => given.map((entry) => entry.trim()).filter((entry) => entry !== ''))
    .pipe(z.array(item))
}

/** Relative ones were made absolute before. */
export const path = z
  .string({ error: 'one path, no list' })
  .min(1, 'it is empty')
  // Lists of paths, logs and the settings of other programs have one a line.
  .regex(/^\P{Cc}*$/u, 'it holds a line break or another control character')

export function secret(minLength: number) {
  return text
    .min(minLength, `at least ${minLength} characters; \`openssl rand -hex 32\` makes a good one`)
    .transform((value) => new Secret(value))
}

/** Several, with blanks between. */
export function secrets(minLength: number) {
  return text
    .refine(
      (value) => value.split(/\s+/).every((word) => word.length >= minLength),
      `each at least ${minLength} characters; \`openssl rand -hex 32\` makes a good one`,
    )
    .transform((value) => new Secret(value))
}

export const domain = text.refine(
  isPlainDomain,
  'a lower-case domain with a dot in it, like wiki.example.org',
)

export const domainLabel = text.regex(
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a name is lower-case letters, digits and hyphens',
)

/** Without a slash at its end. */
export const httpUrl = text
  .refine(
    (given) => isUrl(given, ['http:', 'https:']),
    'an http:// or https:// address without user, password, query or fragment',
  )
  .transform((given) => given.replace(/\/+$/, ''))

export const linkUrl = text.refine(
  (given) => given.startsWith('mailto:') || isUrl(given, ['http:', 'https:'], true),
  'an https://, http:// or mailto: address',
)

export const siteUrl = text.regex(
  /^https?:\/\/\{domain\}(?::(?:\d{1,5}|\{port\}))?$/,
  "http:// or https://, then {domain}, then the port if it is not the scheme's, as in http://{domain}:{port}",
)

/** Of this machine: an address, or a name of one. */
export const listenHost = text.refine(
  (given) => isIP(given) > 0 || /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(given),
  'an IP address or a host name, without a port: 127.0.0.1, ::1, 0.0.0.0',
)

/** Whether nobody but this machine reaches that address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** As it is given: an issuer is compared to the last slash. */
export const issuer = text.refine((given) => {
  if (!isUrl(given, ['http:', 'https:'])) return false
  const { protocol, hostname } = new URL(given)
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
}, 'an https:// address without query or fragment, like https://login.example.org; http:// only on this machine')

export const oidcScopes = text.refine(
  (given) => given.split(' ').includes('openid') && /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(given),
  'words with one blank between, `openid` among them, like: openid profile',
)

export const hostAndPort = text.refine(isHostAndPort, 'a host and a port, like temporal.example.org:7233')

/** `host:port`, whatever was given: also `tcp://host:port`, as Docker writes it. */
export const dockerHost = text.transform((given, context) => {
  const plain = given.replace(/^(?:tcp|https):\/\//, '').replace(/\/$/, '')
  if (!isHostAndPort(plain)) context.addIssue('a host and a port, like docker.example.org:2376')
  return plain
})

/** An address with its scheme, whatever was given: `redis://host:6379`, `rediss://…`, `unix:///run/redis.sock`. */
export const redisServer = text.transform((given, context) => {
  if (given.startsWith('/')) return `unix://${given}`
  const url = given.includes('://') ? given : `redis://${given}`
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.password) context.addIssue('the password goes into redis-password')
  else if (!isUrl(url, ['redis:', 'rediss:'], true) || !/^(?:\/\d*)?$/.test(parsed?.pathname ?? '')) {
    context.addIssue(
      'a host and a port, like redis.example.org:6379, a redis:// or rediss:// address, or a socket',
    )
  }
  return url
})

export const dnsServer = text.refine(
  (given) =>
    isIP(given) > 0 ||
    (isHostAndPort(given) && isIP(given.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')) > 0),
  'each is an IP address, with a port if it is not 53: 192.0.2.53 or [2001:db8::53]:5353',
)

export const network = text.refine((given) => {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(given) ?? []
  const version = isIP(address)
  return version > 0 && !address.includes('%') && Number(bits ?? 0) <= (version === 4 ? 32 : 128)
}, 'each is an IP address or a network of them: 10.1.0.0/16 or fd00:1::/32')

export const storeUrl = text.transform((given, context): StoreLocation => {
  try {
    return parseStoreUrl(given)
  } catch (error) {
    context.addIssue((error as Error).message)
    return z.NEVER
  }
})

function isUrl(given: string, protocols: readonly string[], mayHaveMore = false): boolean {
  if (!URL.canParse(given)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(given)
  return (
    protocols.includes(protocol) &&
    hostname !== '' &&
    password === '' &&
    (mayHaveMore || (username === '' && search === '' && hash === ''))
  )
}

function isHostAndPort(given: string): boolean {
  const [, host, digits] = /^(\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(given) ?? []
  return host !== undefined && Number(digits) >= 1 && Number(digits) <= 65_535
}

/** How people come to an account of ours: `open`, `invitation`, or the domains of mail addresses that may. */
export const signUp = z
  .union([z.array(z.string()), z.string().transform((given) => given.split(','))], {
    error: 'open, invitation, or domains of mail addresses with commas between',
  })
  .transform((given) => given.map((entry) => entry.trim()).filter((entry) => entry !== ''))
  .pipe(z.array(z.union([z.literal(['open', 'invitation']), domain])).min(1, 'it is empty'))
  .transform((given, context): SignUp => {
    const [first] = given
    if (first === 'open' || first === 'invitation') {
      if (given.length === 1) return { by: first }
      context.addIssue('open or invitation stands alone; domains of mail addresses stand together')
      return z.NEVER
    }
    return { by: 'domains', domains: given }
  })

export type SignUp =
  | { readonly by: 'open' | 'invitation' }
  /** Whoever reads mail there may join. */
  | { readonly by: 'domains'; readonly domains: readonly string[] }

export const smtpServer = text.refine(
  (given) => isUrl(given, ['smtp:', 'smtps:']) && /^(?:\/)?$/.test(new URL(given).pathname),
  'smtp://host:port, or smtps:// where it is encrypted from the first byte; user and password have settings of their own',
)
