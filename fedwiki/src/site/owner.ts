/**
 * Who owns a site is a file on the farm, `status/owner.json`. We write one shape; what we read may have been written
 * by others and may hold secrets (under `friends` it does), so only a name and a subject are ever taken out of it.
 */
import { Refusal } from '@wikistead/contracts'

/** `owner.json` as we write it: what passportjs compares with the one who signs in. */
export interface OwnerJson {
  /** Display name. */
  readonly name: string
  /** `id` is the OIDC `sub`, as the farm's `oauth2_IdField: token.sub` gives it. */
  readonly oauth2: { readonly id: string; readonly username: string }
}

/** What we let out of an `owner.json`. */
export interface SiteOwner {
  /** 'Unknown' when the file names nobody. */
  readonly name: string
  /** The owner's OIDC `sub`; absent when another way of signing in owns the site, or nobody does. */
  readonly sub?: string
}

/** The owner that `sub` signs in as. A name is cut to what the farm takes. @throws Refusal `identity_needed` */
export function ownerJson(name: string, sub: string): OwnerJson {
  const shown = name
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maximumLength)
  return requireOwner({ name: shown, oauth2: { id: sub, username: shown } })
}

/** @throws Refusal `identity_needed` when a name or the subject is missing: such a file may leave a site open to all */
export function requireOwner(owner: OwnerJson): OwnerJson {
  const { name, oauth2 } = owner
  if (![name, oauth2.username, oauth2.id].every(isText)) {
    throw new Refusal('identity_needed', 'A site needs an owner with a name and a sign-in identity.')
  }
  return { name, oauth2: { id: oauth2.id, username: oauth2.username } }
}

/** The little of an owner.json that may go on; whatever is wrong in it counts as missing. */
export function siteOwner(raw: Readonly<Record<string, unknown>>): SiteOwner {
  const name = own(raw, 'name')
  const sub = own(own(raw, 'oauth2'), 'id')
  return { name: isText(name) ? name : unknownName, ...(isText(sub) && { sub }) }
}

/** Whether FarmManager found no owner.json, or one that says nothing: then all it reports is the name 'Unknown'. */
export function isOwnerless(raw: Readonly<Record<string, unknown>>): boolean {
  return siteOwner(raw).name === unknownName && Object.keys(raw).every((key) => key === 'name')
}

const unknownName = 'Unknown'
/** OpenID Connect's limit for a `sub`, and our security package's for all of them. */
const maximumLength = 255

function isText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= maximumLength &&
    !/\p{Cc}/u.test(value)
  )
}

/** Never what an object inherits: the keys of an owner.json are anybody's. */
function own(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined
  return Object.getOwnPropertyDescriptor(object, key)?.value as unknown
}
