import { Farm } from '@wikistead/contracts'
import { hasPasskeys } from '../../accounts/passkey-ceremony.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'
import { version } from '../../version.ts'

const seconds = (ms: number): number => Math.round(ms / 1_000)

/** What this installation is, for everybody. */
export function farmRoute(routes: Routes, deps: ApiDeps): void {
  routes.get(
    '/v1/farm',
    {
      schema: {
        tags: ['farm'],
        summary: 'What this farm offers, and how one signs in',
        response: { 200: Farm, ...refused },
      },
    },
    async (_request, reply) => {
      void reply.header('cache-control', 'public, max-age=60')
      return describe(deps)
    },
  )
}

async function describe(deps: ApiDeps): Promise<Farm> {
  const { fedwiki, mediawiki, supportUrl } = deps
  return {
    sign_in: { ...signIn(deps), hub: await hubSignIn(deps) },
    fedwiki:
      fedwiki === undefined
        ? null
        : {
            parent_domain: fedwiki.rules.parentDomain,
            custom_domains: fedwiki.rules.customDomains,
            site_limit: fedwiki.siteLimit,
          },
    mediawiki:
      mediawiki === undefined
        ? null
        : {
            root_host: mediawiki.rootHost,
            wiki_limit: mediawiki.wikiLimit,
            hub_url: mediawiki.hubUrl ?? null,
            languages: mediawiki.languages.map(({ code, name }) => ({ code, name })),
            undo_window_seconds: seconds(mediawiki.undoWindowMs),
          },
    fedwiki_undo_window_seconds: fedwiki === undefined ? null : seconds(fedwiki.undoWindowMs),
    support_url: supportUrl === '' ? null : supportUrl,
    version,
  }
}

function signIn({ provider, accounts, publicUrl }: ApiDeps): Omit<Farm['sign_in'], 'hub'> {
  if (provider !== undefined) return { kind: 'oidc', name: provider.name, url: '/auth/sign-in' }
  if (accounts === undefined) return { kind: 'local', name: 'a one-time link', url: null }
  const { signUp, mail } = accounts
  return {
    ...{ kind: 'accounts', name: 'an account', url: null, sign_up: signUp.by, mail: mail !== undefined },
    ...(signUp.by === 'domains' && { sign_up_domains: [...signUp.domains] }),
    passkeys: hasPasskeys(publicUrl()),
  }
}

/** The hub is called what its wiki is called here, if it is one of ours and is there by now. */
async function hubSignIn({ store, service, mediawiki }: ApiDeps): Promise<Farm['sign_in']['hub']> {
  if (service === undefined) return null
  const { host, hostname } = new URL(service.issuer)
  const slug = hostname.split('.')[0] ?? ''
  const wiki = mediawiki && (await store.wikis.byClaim('mediawiki', slug).catch(() => undefined))
  const isHub = wiki !== undefined && mediawiki?.wikiUrl(slug) === service.issuer
  if (isHub && wiki.status !== 'active' && wiki.status !== 'changing') return null
  return { name: isHub ? wiki.name : host, url: '/auth/hub' }
}
