/**
 * What went wrong while a wiki was made and may go right at the next try. Its message is for people; it is built from
 * numbers and our own words, never from a driver's or a command's text, which may quote a password.
 */
export class ProvisioningFault extends Error {
  readonly final = false
  /** The system's own word or number for it, e.g. `ENOSPC` or `1205`. */
  readonly reason: string

  constructor(message: string, reason: string) {
    super(message)
    this.name = 'ProvisioningFault'
    this.reason = reason
  }
}
