/** Who listens to the world must know who speaks. */
import { isLoopback } from '../settings/kinds.ts'
import type { Rule } from './rule.ts'

export const signInRules: readonly Rule[] = [
  {
    setting: 'accounts-sign-up',
    reads: ['smtp-server'],
    broken: ({ accountsSignUp, smtpServer }) =>
      accountsSignUp.by === 'domains' && smtpServer === undefined
        ? 'domains of mail addresses, and no smtp-server that could send mail to them: set it, or let people be invited'
        : undefined,
  },
  {
    setting: 'smtp-from',
    reads: ['smtp-server'],
    broken: ({ smtpFrom, smtpServer }) =>
      smtpServer !== undefined && smtpFrom === undefined
        ? 'missing, and smtp-server is set: say from whom mail comes, like: Wikis <wikis@example.org>'
        : undefined,
  },
  {
    setting: 'smtp-server',
    reads: ['smtp-user', 'smtp-password', 'smtp-from', 'smtp-tls-ca'],
    broken: ({ smtpServer, smtpUser, smtpPassword, smtpFrom, smtpTlsCa }) =>
      smtpServer === undefined && (smtpUser ?? smtpPassword ?? smtpFrom ?? smtpTlsCa) !== undefined
        ? 'missing, and other settings of mail are set: name it, or leave them out'
        : undefined,
  },
  {
    setting: 'host',
    reads: ['oidc-issuer', 'accounts'],
    broken: ({ host, oidcIssuer, accounts }) =>
      isLoopback(host) || oidcIssuer !== undefined || accounts !== false
        ? undefined
        : 'only 127.0.0.1, ::1 or localhost while nobody can sign in: let accounts be, or set oidc-issuer and oidc-client-id, to listen elsewhere',
  },
  {
    setting: 'public-url',
    reads: ['host', 'oidc-issuer', 'accounts'],
    broken: ({ host, oidcIssuer, accounts, publicUrl }) =>
      isLoopback(host) || (oidcIssuer === undefined && accounts === false) || publicUrl !== undefined
        ? undefined
        : 'missing, and host is not this machine alone: name the address that browsers come to, like https://wikis.example.org',
  },
  {
    setting: 'public-url',
    reads: ['host', 'oidc-issuer', 'accounts'],
    broken: ({ host, oidcIssuer, accounts, publicUrl }) =>
      isLoopback(host) ||
      oidcIssuer !== undefined ||
      accounts === false ||
      (publicUrl ?? 'https:').startsWith('https:') ||
      isLoopback(new URL(publicUrl ?? '').hostname)
        ? undefined
        : 'an https:// address, for passwords are sent to it, and passkeys work nowhere else',
  },
  {
    setting: 'accounts',
    reads: ['oidc-issuer'],
    broken: ({ accounts, oidcIssuer }) =>
      accounts === true && oidcIssuer !== undefined
        ? 'not beside oidc-issuer: whoever signs in there is known by that one. Leave one of them out'
        : undefined,
  },
  {
    setting: 'public-url',
    reads: [],
    broken: ({ publicUrl }) =>
      publicUrl === undefined || new URL(publicUrl).pathname === '/'
        ? undefined
        : 'an address without a path: this installation needs a host of its own',
  },
  {
    setting: 'oidc-client-id',
    reads: ['oidc-issuer'],
    broken: ({ oidcClientId, oidcIssuer }) =>
      oidcIssuer !== undefined && oidcClientId === undefined
        ? 'missing, and oidc-issuer is set: register this installation at the provider, and name what it is called there'
        : undefined,
  },
  {
    setting: 'oidc-issuer',
    reads: ['oidc-client-id', 'oidc-client-secret', 'oidc-admin-subjects'],
    broken: ({ oidcIssuer, oidcClientId, oidcClientSecret, oidcAdminSubjects }) =>
      oidcIssuer === undefined && (oidcClientId ?? oidcClientSecret ?? oidcAdminSubjects[0]) !== undefined
        ? 'missing, and other settings of the provider are set: name it, or leave them out'
        : undefined,
  },
]
