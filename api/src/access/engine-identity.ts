/** As whom an engine must know a user, so that what is made for them is theirs there. */
import { Refusal, type Engine, type IdentityNeed } from '@wikistead/contracts'
import { localIssuer, type Store, type UserRow } from '@wikistead/store'
import type { ApiDeps } from '../deps.ts'

/** Which identities a user has still to link before a wiki can be theirs, engine by engine; none: nothing is missing. */
export async function identityNeeds(deps: ApiDeps, user: UserRow): Promise<IdentityNeed[]> {
  const asks: readonly (readonly [Engine, boolean, () => Promise<unknown>])[] = [
    ['fedwiki', deps.fedwiki !== undefined, () => siteIdentity(deps, user)],
    ['mediawiki', deps.mediawiki !== undefined, () => hubAccount(deps, user)],
  ]
  const needs: IdentityNeed[] = []
  for (const [engine, isOn, ask] of asks) {
    if (!isOn) continue
    try {
      await ask()
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'identity_needed') throw error
      const { path = null, at = null } = error.details as { path?: string; at?: string }
      needs.push({ engine, detail: error.message, link: path, at })
    }
  }
  return needs
}

/**
 * The `sub` that the FedWiki farm knows the user by when they sign in there: their identity at the provider, which is
 * the farm's own. @throws Refusal `identity_needed`
 */
export async function siteSubject(deps: ApiDeps, user: UserRow, isSelf = true): Promise<string> {
  const { subject } = await siteIdentity(deps, user, isSelf)
  return subject ?? ownSubjectOf(deps.store, user.user_id)
}

/** The `sub` by which our own provider, and a farm of our own, know somebody; made when they have none. */
export async function ownSubjectOf(store: Store, userId: number): Promise<string> {
  return (
    (await store.users.ownSubject(userId)) ??
    (await store.transaction(({ users }) => users.ensureOwnSubject(userId)))
  )
}

/**
 * The same, and nothing is written: without a subject, a farm of our own gets to know them by a new one.
 * @throws Refusal `identity_needed`
 */
async function siteIdentity(
  deps: ApiDeps,
  user: UserRow,
  isSelf = true,
): Promise<{ readonly subject: string | undefined }> {
  const { store, provider, fedwiki, mediawiki } = deps
  const identities = await store.users.identities(user.user_id)
  const at = (issuer: string) => identities.find((identity) => identity.issuer === issuer)
  const isOurs = fedwiki?.isEmbedded === true
  // Our own provider names them there: what another does could be somebody else at a third.
  if (provider === undefined && isOurs) return { subject: at(localIssuer)?.subject }
  const identity =
    provider === undefined
      ? (at(localIssuer) ?? identities.find(({ issuer }) => issuer !== mediawiki?.hubUrl))
      : // On the farm that we bring ourselves, owners come in by links as well.
        (at(provider.issuer) ?? (isOurs ? at(localIssuer) : undefined))
  if (identity !== undefined) return { subject: identity.subject }
  if (provider === undefined) {
    throw needed(deps, undefined, [
      'The farm knows the owner of a site by an identity that this account has not.',
      'Ask an operator of the farm.',
    ])
  }
  throw needed(
    deps,
    { path: '/auth/link', at: provider.name },
    [
      `The farm knows the owner of a site by their sign-in at ${provider.name}, which is not linked to ${isSelf ? 'your' : `${user.name}’s`} account.`,
    ],
    isSelf,
  )
}

/** An account of the hub. */
export interface HubAccount {
  /** As it was called when it was last heard of: it may be renamed, and somebody else take the name. */
  readonly name: string
  /** Its number there, which stays. */
  readonly number: number
}

/**
 * The account on the hub of the founder of a wiki with shared accounts; undefined where accounts are each wiki's own, or
 * where an operator has to know which it is, for nobody can link any. @throws Refusal `identity_needed`
 */
export async function hubAccount(
  deps: ApiDeps,
  user: UserRow,
  isSelf = true,
): Promise<HubAccount | undefined> {
  const { store, service, mediawiki } = deps
  if (service === undefined) {
    if (mediawiki?.hubUrl === undefined || !isSelf) return undefined
    throw needed(deps, undefined, [
      `The wikis share the accounts of ${mediawiki.hubUrl}, and nobody can say here which of them is yours: anybody may have taken your name there.`,
      'Ask an operator of the farm, who names the account in owner_name, or sets wikifarm-service-secret.',
    ])
  }
  const account = await store.users.identityAt(user.user_id, service.issuer)
  if (account?.name != null) return { name: account.name, number: Number(account.subject) }
  throw needed(
    deps,
    { path: '/auth/link/hub', at: service.issuer },
    [
      `The wikis share the accounts of ${service.issuer}, and none is linked to ${isSelf ? 'yours' : `${user.name}’s`} here.`,
    ],
    isSelf,
  )
}

/** @param link where it is linked, and whose identity it would be; undefined: nowhere */
function needed(
  { publicUrl }: ApiDeps,
  link: { readonly path: string; readonly at: string } | undefined,
  sentences: readonly string[],
  isSelf = false,
): Refusal {
  if (link === undefined) return new Refusal('identity_needed', sentences.join(' '))
  const url = `${publicUrl()}${link.path}?return_to=/account`
  const told = isSelf ? [...sentences, `Link it at ${url}.`] : sentences
  return new Refusal('identity_needed', told.join(' '), { link: url, ...link })
}
