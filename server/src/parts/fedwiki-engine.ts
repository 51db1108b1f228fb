/** The FedWiki engine as the configuration has it: its farm, its rules, its addresses. */
import type { Config } from '@wikistead/config'
import { Refusal, type DomainRules } from '@wikistead/contracts'
import { FarmManagerClient, proveControl } from '@wikistead/fedwiki'
import { SetupError } from '@wikistead/processes/setup-error'
import type { FedWikiRules, HealthPart } from '@wikistead/api'

/** Where FarmManager answers, and how it lets us in. */
export interface FarmDoor {
  readonly url: string
  readonly adminHost: string
  /** As it is at the time. */
  readonly token: () => string
  /** For `{port}` in the address of a site. */
  readonly port?: number
}

/** The farm that the configuration names; undefined when it names none. @throws SetupError without its token */
export function configuredFarm({
  fedwikiFarmUrl,
  fedwikiAdminHost,
  fedwikiAdminToken,
}: Config): FarmDoor | undefined {
  if (fedwikiFarmUrl === undefined) return undefined
  if (fedwikiAdminToken === undefined) {
    throw new SetupError(
      'fedwiki-farm-url is set, and fedwiki-admin-token is missing: name the token that the farm lets us in by.',
    )
  }
  return { url: fedwikiFarmUrl, adminHost: fedwikiAdminHost, token: () => fedwikiAdminToken.reveal() }
}

export function domainRules(config: Config): DomainRules {
  return {
    parentDomain: config.fedwikiParentDomain,
    adminHost: config.fedwikiAdminHost,
    customDomains: config.fedwikiCustomDomains,
    reservedLabels: config.fedwikiReservedNames,
  }
}

export function openFarm(config: Config, door: FarmDoor): FarmManagerClient {
  return new FarmManagerClient({
    ...{ baseUrl: door.url, adminHost: door.adminHost, token: door.token },
    ...{ rules: domainRules(config), timeoutMs: config.fedwikiFarmTimeout },
  })
}

export function fedWikiRules(config: Config, port?: number): FedWikiRules {
  return {
    rules: domainRules(config),
    siteLimit: config.fedwikiSiteLimit,
    undoWindowMs: config.fedwikiUndoWindow,
    isEmbedded: config.fedwikiFarmUrl === undefined,
    siteUrl: (domain) =>
      config.fedwikiSiteUrl
        .replace('{domain}', domain)
        .replace('{port}', String(port ?? config.fedwikiFarmPort)),
    proveControl: domainProof(config),
  }
}

/** That a custom domain is a user's to name, by the DNS. @throws Refusal `domain_unproven` */
export function domainProof({ fedwikiCustomDomainSecret: secret, fedwikiDnsServers: servers }: Config) {
  return async (domain: string, userId: number): Promise<void> => {
    // By no secret everybody could make up a proof.
    if (secret === undefined) throw new Refusal('domain_unproven', 'This farm takes no custom domains.')
    await proveControl(domain, userId, { secret: secret.reveal(), servers })
  }
}

/** Whether the farm answers, lets us in, and knows owners as we write them. */
export async function farmHealth(farm: FarmManagerClient): Promise<HealthPart> {
  const part = 'fedwiki farm'
  try {
    const { package: security = 'another security package', oauth2IdField } = await farm.capabilities(
      AbortSignal.timeout(3_000),
    )
    await farm.getSite('wikistead-health-check.invalid', AbortSignal.timeout(3_000))
    if (oauth2IdField !== undefined && oauth2IdField !== 'token.sub') {
      return {
        ...{ part, ok: false, detail: `oauth2_IdField is ${oauth2IdField}: owners will not be recognized` },
        mend: 'Set oauth2_IdField to token.sub in the farm’s wikiDomains, and restart the farm.',
      }
    }
    return { part, ok: true, detail: security }
  } catch (error) {
    return {
      ...{ part, ok: false, detail: error instanceof Error ? error.message : 'no answer' },
      mend: 'Start the farm, or mend fedwiki-farm-url, fedwiki-admin-host and fedwiki-admin-token. Tasks wait until then.',
    }
  }
}
