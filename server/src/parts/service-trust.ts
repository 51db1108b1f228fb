/** The hub's extension and this service know each other by one secret: what each side is told of it. */
import type { ServiceTrust } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { mediaWikiRules } from './mediawiki-rules.ts'

/** Whose word the API takes, as the secret is at the time; undefined without one. */
export function serviceTrust(config: Config, ownAddress: () => string): ServiceTrust | undefined {
  const issuer = mediaWikiRules(config)?.hubUrl
  const { wikifarmServiceSecret: secret, wikifarmServiceOldSecret: old, wikifarmServiceOldKeyId } = config
  if (secret === undefined || issuer === undefined) return undefined
  const bytes = (text: string) => new TextEncoder().encode(text)
  return {
    keys: (id) => [
      ...(id === config.wikifarmServiceKeyId ? secret.all().map(bytes) : []),
      ...(old !== undefined && id === wikifarmServiceOldKeyId ? old.all().map(bytes) : []),
    ],
    issuer,
    audience: () => config.wikifarmServiceUrl ?? ownAddress(),
  }
}

/** What a hub's pubwiki.ini is to say of this service now; undefined without a secret, or where no address is known. */
export function hubValues({
  host,
  port,
  wikifarmServiceUrl: url,
  wikifarmServiceSecret: secret,
  wikifarmServiceKeyId: keyId,
}: Config): Record<string, string> | undefined {
  if (secret === undefined || (url === undefined && port === 0)) return undefined
  const own = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`
  return {
    WIKIFARM_SERVICE_URL: url ?? own,
    WIKIFARM_SERVICE_KEY_ID: keyId,
    WIKIFARM_SERVICE_SECRET: secret.reveal(),
  }
}
