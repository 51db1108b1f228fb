import { randomUUID } from 'node:crypto'

/** By what somebody is known: an issuer, and the subject that they are there. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** The issuer of whoever this machine's owner made without a provider. */
export const localIssuer = 'bootstrap'

/** How every subject begins that {@link newOwnIdentity} makes. */
export const ownSubjectBeginning = 'member-'

/**
 * As a farm of our own knows a user who has no identity but the hub's, which is no farm's. Made by chance: the numbers of users
 * begin again with a new store, and sites that are there still would be somebody else's.
 */
export const newOwnIdentity = (): Identity => ({
  issuer: localIssuer,
  subject: `${ownSubjectBeginning}${randomUUID()}`,
})
