import { Farm } from '@wikistead/contracts'
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

function describe({ fedwiki, mediawiki, provider, accounts, supportUrl }: ApiDeps): Farm {
  return {
    sign_in:
      provider !== undefined
        ? { kind: 'oidc', name: provider.name, url: '/auth/sign-in' }
        : accounts !== undefined
          ? { kind: 'accounts', name: 'an account', url: null, sign_up: accounts.signUp }
          : { kind: 'local', name: 'a one-time link', url: null },
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
