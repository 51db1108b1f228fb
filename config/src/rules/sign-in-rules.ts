/** Who listens to the world must know who speaks. */
import { isLoopback } from '../settings/kinds.ts'
import type { Rule } from './rule.ts'

export const signInRules: readonly Rule[] = [
  {
    setting: 'host',
    reads: ['oidc-issuer'],
    broken: ({ host, oidcIssuer }) =>
      isLoopback(host) || oidcIssuer !== undefined
        ? undefined
        : 'only 127.0.0.1, ::1 or localhost while nobody can sign in: set oidc-issuer, oidc-client-id and public-url to listen elsewhere',
  },
  {
    setting: 'public-url',
    reads: ['host', 'oidc-issuer'],
    broken: ({ host, oidcIssuer, publicUrl }) =>
      isLoopback(host) || oidcIssuer === undefined || publicUrl !== undefined
        ? undefined
        : 'missing, and host is not this machine alone: name the address that browsers come to, like https://wikis.example.org',
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
