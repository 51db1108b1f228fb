/** Accounts of our own as the API knows them. */
import { Refusal } from '@wikistead/contracts'
import type { MailSender } from './mail.ts'

export interface AccountSettings {
  /** Who may make an account: anybody, whom an operator invites, or as well whoever reads mail at one of the domains. */
  readonly signUp:
    { readonly by: 'open' | 'invitation' } | { readonly by: 'domains'; readonly domains: readonly string[] }
  /** Undefined: links are brought by people. */
  readonly mail?: MailSender | undefined
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
