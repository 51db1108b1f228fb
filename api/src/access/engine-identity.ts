/** As whom an engine must know a user, so that what is made for them is theirs there. */
import { Refusal } from '@wikistead/contracts'
import type { UserRow } from '@wikistead/store'
import type { ApiDeps } from '../deps.ts'

/** The issuer of whoever this machine's owner made without a provider. */
const local = 'bootstrap'

/**
 * The `sub` that the FedWiki farm knows the user by when they sign in there: their identity at the provider, which is
 * the farm's own. @throws Refusal `identity_needed`
 */
export async function siteSubject(deps: ApiDeps, user: UserRow, isSelf = true): Promise<string> {
  const { store, provider, fedwiki, mediawiki } = deps
  const identities = await store.users.identities(user.user_id)
  const at = (issuer: string) => identities.find((identity) => identity.issuer === issuer)
  const identity =
    provider === undefined
      ? (at(local) ?? identities.find(({ issuer }) => issuer !== mediawiki?.hubUrl))
      : // On the farm that we bring ourselves, owners come in by links as well.
        (at(provider.issuer) ?? (fedwiki?.isEmbedded === true ? at(local) : undefined))
  if (identity !== undefined) return identity.subject
  const link = provider === undefined ? undefined : `${deps.publicUrl()}/auth/link?return_to=/account`
  throw needed(link, [
    provider === undefined
      ? 'The farm knows the owner of a site by an identity that this account has not.'
      : `The farm knows the owner of a site by their sign-in at ${provider.name}, which is not linked to ${isSelf ? 'your' : `${user.name}’s`} account.`,
    ...(link === undefined ? ['Ask an operator of the farm.'] : isSelf ? [`Link it at ${link}.`] : []),
  ])
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
    throw needed(undefined, [
      `The wikis share the accounts of ${mediawiki.hubUrl}, and nobody can say here which of them is yours: anybody may have taken your name there.`,
      'Ask an operator of the farm, who names the account in owner_name, or sets wikifarm-service-secret.',
    ])
  }
  const account = await store.users.identityAt(user.user_id, service.issuer)
  if (account?.name != null) return { name: account.name, number: Number(account.subject) }
  const link = `${deps.publicUrl()}/auth/link/hub`
  throw needed(link, [
    `The wikis share the accounts of ${service.issuer}, and none is linked to ${isSelf ? 'yours' : `${user.name}’s`} here.`,
    ...(isSelf ? [`Link it at ${link}.`] : []),
  ])
}

const needed = (link: string | undefined, sentences: readonly string[]): Refusal =>
  new Refusal('identity_needed', sentences.join(' '), link === undefined ? {} : { link })
