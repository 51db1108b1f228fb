/** By what somebody is known: an issuer, and the subject that they are there. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** The issuer of whoever this machine's owner made without a provider. */
export const localIssuer = 'bootstrap'

/** As a farm of our own knows a user who has no identity but the hub's, which is no farm's. */
export const ownFarmIdentity = (userId: number): Identity => ({
  issuer: localIssuer,
  subject: `member-${String(userId)}`,
})
