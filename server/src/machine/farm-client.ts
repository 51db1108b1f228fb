/** As what the embedded farm is known to our own OpenID provider, so that its visitors sign in with their account here. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import type { SiteSignIn } from '@wikistead/fedwiki-farm'
import type { Store } from '@wikistead/store'
import { openidPath } from '@wikistead/api'
import { keptSecret } from '../parts/kept-secret.ts'
import { signInProvider } from '../parts/sign-in-provider.ts'
import { farmFolder } from './embedded-farm.ts'

export interface FarmClient {
  readonly id: string
  readonly secret: string
}

/** The same at every start; undefined where members sign in at a provider from outside. */
export async function farmClient(config: Config): Promise<FarmClient | undefined> {
  if (signInProvider(config) !== undefined) return undefined
  const secret = await keptSecret(join(farmFolder(config.dataFolder), 'openid-client-secret'))
  return { id: `fedwiki-farm-${hashOf(secret).slice(0, 12)}`, secret }
}

/** Lets it in, at every API of the store. */
export async function registerFarm(store: Store, { id, secret }: FarmClient): Promise<void> {
  const client = {
    id,
    name: 'FedWiki farm',
    secretHash: hashOf(secret),
    redirectUris: [],
    pkce: true,
    madeBy: null,
  }
  await store.openidClients.ensure(client)
}

/** Browsers go to the address that they know, the farm to the one that this machine listens on. */
export function farmSignIn(
  { publicUrl, fedwikiSiteUrl }: Pick<Config, 'publicUrl' | 'fedwikiSiteUrl'>,
  { id, secret }: FarmClient,
  { apiUrl, farmPort }: { readonly apiUrl: string; readonly farmPort: number },
): SiteSignIn {
  return {
    ...{ clientId: id, clientSecret: secret },
    siteUrl: fedwikiSiteUrl.replace('{port}', String(farmPort)),
    authorizationUrl: `${publicUrl ?? apiUrl}${openidPath}/authorize?scope=openid%20profile`,
    tokenUrl: `${apiUrl}${openidPath}/token`,
    ...{ usernameField: 'token.preferred_username', displayNameField: 'token.name' },
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
