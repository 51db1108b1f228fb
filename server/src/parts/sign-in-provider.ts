import type { ProviderSettings } from '@wikistead/api'
import type { Config } from '@wikistead/config'

/** The OpenID provider that the configuration names; undefined when it names none. */
export function signInProvider(config: Config): ProviderSettings | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret, oidcScopes, oidcName } = config
  if (issuer === undefined || clientId === undefined) return undefined
  return {
    ...{ issuer, clientId, clientSecret: oidcClientSecret?.reveal(), scopes: oidcScopes },
    clientAuth: config.oidcClientAuth,
    ...{ name: oidcName ?? new URL(issuer).host, adminSubjects: config.oidcAdminSubjects },
  }
}
