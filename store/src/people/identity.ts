/** By what somebody is known: an issuer, and the subject that they are there. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}
