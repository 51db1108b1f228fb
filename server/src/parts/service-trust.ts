/** The hub's extension and this service know each other by one secret: what each side is told of it. */
import type { ServiceTrust } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { mediaWikiRules } from './mediawiki-rules.ts'

/** Whose word the API takes; undefined without a secret. */
export function serviceTrust(config: Config, ownAddress: () => string): ServiceTrust | undefined {
  const issuer = mediaWikiRules(config)?.hubUrl
  const { wikifarmServiceSecret: secret, wikifarmServiceOldSecret: old, wikifarmServiceOldKeyId } = config
  if (secret === undefined || issuer === undefined) return undefined
  const bytes = (text: string) => new TextEncoder().encode(text)
  const keys = new Map([[config.wikifarmServiceKeyId, bytes(secret.reveal())]])
  if (old !== undefined) keys.set(wikifarmServiceOldKeyId ?? '', bytes(old.reveal()))
  return { keys, issuer, audience: () => config.wikifarmServiceUrl ?? ownAddress() }
}

/** What a new hub's pubwiki.ini says of this service; undefined without a secret, or where no address is known. */
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
