/** Accounts of our own as the API knows them. */
import { Refusal } from '@wikistead/contracts'

export interface AccountSettings {
  /** Who may make an account: anybody, or whom an operator invites. */
  readonly signUp: 'open' | 'invitation'
}

/** The issuer of whom we know by an account of our own; the subject is a random number of theirs. */
export const ofAccounts = 'accounts'

/** @throws Refusal `accounts_off` */
export function requireAccounts(settings: AccountSettings | undefined): AccountSettings {
  if (settings !== undefined) return settings
  throw new Refusal(
    'accounts_off',
    'This farm has no accounts of its own: members sign in at its provider, or by its one-time link.',
  )
}
