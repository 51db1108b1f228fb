/** What must hold between settings, all of it. */
import type { Values } from '../config.ts'
import { mediaWikiRules } from './mediawiki-rules.ts'
import type { Rule } from './rule.ts'
import { signInRules } from './sign-in-rules.ts'
import { temporalRules } from './temporal-rules.ts'
import { tlsRules } from './tls-rules.ts'

export const rules: readonly Rule[] = [
  {
    setting: 'fedwiki-sync-default-user-id',
    reads: ['fedwiki-sync-enabled'],
    broken: (values) =>
      values.fedwikiSyncEnabled === true && values.fedwikiSyncDefaultUserId === undefined
        ? 'missing, and fedwiki-sync-enabled is on: name the user who gets sites that nobody else owns'
        : undefined,
  },
  {
    setting: 'fedwiki-sync-enabled',
    reads: ['fedwiki-farm-url', 'fedwiki-embedded-farm'],
    broken: (values) =>
      values.fedwikiSyncEnabled === true && values.fedwikiFarmUrl === undefined && !values.fedwikiEmbeddedFarm
        ? 'there is no farm to sync with: set fedwiki-farm-url, or fedwiki-embedded-farm to true'
        : undefined,
  },
  {
    setting: 'fedwiki-parent-domain',
    reads: ['fedwiki-farm-url'],
    broken: (values) =>
      values.fedwikiFarmUrl !== undefined && values.fedwikiParentDomain === undefined
        ? 'missing, and fedwiki-farm-url is set: name the domain that the sites of that farm stand below'
        : undefined,
  },
  {
    setting: 'fedwiki-custom-domain-secret',
    reads: ['fedwiki-custom-domains'],
    broken: (values) =>
      values.fedwikiCustomDomains && values.fedwikiCustomDomainSecret === undefined
        ? 'missing, and fedwiki-custom-domains is on: set it to what `openssl rand -hex 32` prints'
        : undefined,
  },
  {
    setting: 'fedwiki-site-url',
    reads: ['fedwiki-farm-url'],
    broken: (values) =>
      values.fedwikiFarmUrl !== undefined && values.fedwikiSiteUrl?.includes('{port}')
        ? '{port} is the port of the embedded farm, and fedwiki-farm-url is set: write the port itself'
        : undefined,
  },
  {
    setting: 'fedwiki-farm-port',
    reads: ['port', 'fedwiki-farm-url', 'fedwiki-embedded-farm'],
    broken: (values) =>
      values.fedwikiFarmPort === values.port && values.port > 0 && hasOwnFarm(values)
        ? 'port is the same: give the farm another'
        : undefined,
  },
  {
    setting: 'temporal-port',
    reads: ['port', 'temporal-address', 'fedwiki-farm-port', 'fedwiki-farm-url', 'fedwiki-embedded-farm'],
    broken: ({ temporalPort, ...values }) =>
      temporalPort > 0 &&
      values.temporalAddress === undefined &&
      (temporalPort === values.port || (temporalPort === values.fedwikiFarmPort && hasOwnFarm(values)))
        ? 'port or fedwiki-farm-port is the same: give Temporal another'
        : undefined,
  },
  ...mediaWikiRules,
  ...signInRules,
  ...temporalRules,
  ...tlsRules,
]

function hasOwnFarm(values: Pick<Values, 'fedwikiFarmUrl' | 'fedwikiEmbeddedFarm'>): boolean {
  return values.fedwikiFarmUrl === undefined && values.fedwikiEmbeddedFarm
}
