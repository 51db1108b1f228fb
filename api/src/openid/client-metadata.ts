/** Clients as `oidc-provider` knows them. */
import type { OpenidClient } from '@wikistead/store'
import type { AdapterPayload } from 'oidc-provider'

/** Of a FedWiki farm: its sites are where sign-ins end, and they come and go. */
export const isSites = ({ redirectUris }: Pick<OpenidClient, 'redirectUris'>): boolean =>
  redirectUris.length === 0

/** Never asked: in its place stands what `farm-sites.ts` says. */
const anySite = 'https://sites.invalid/'

/** What `oidc-provider` does not know of a client. */
export const withoutPkce = 'wikistead_without_pkce'

export const clientMetadata = (client: OpenidClient): AdapterPayload => ({
  ...{ client_id: client.id, client_name: client.name },
  // The hash: `compareClientSecret` hashes what is shown.
  client_secret: client.secretHash,
  redirect_uris: isSites(client) ? [anySite] : [...client.redirectUris],
  [withoutPkce]: !client.pkce,
  ...{ response_types: ['code'], grant_types: ['authorization_code'] },
})

export const isOfSites = (redirectUris: readonly string[] | undefined): boolean =>
  redirectUris?.[0] === anySite
