import { FirstSignIn, Refusal } from '@wikistead/contracts'
import { makeFirstSignInLink } from '@wikistead/tasks'
import { requireActing } from '../../access/acting.ts'
import { requireLasting } from '../../access/lasting.ts'
import type { ApiDeps } from '../../deps.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { refused, type Routes } from '../../routes.ts'
import { WikiAnswers, WikiParams } from '../../answers/wiki-answers.ts'

/** For a MediaWiki wiki with accounts of its own: nobody has a password there until its owner has chosen one. */
export function firstSignInRoute(routes: Routes, deps: ApiDeps): void {
  const answers = new WikiAnswers(deps)

  routes.post(
    '/v1/wikis/:id/first-sign-in',
    {
      schema: {
        tags: ['wikis'],
        summary: 'A link under which the owner of a MediaWiki wiki chooses their password there',
        description:
          'It works once and for 15 minutes, and ends the one before; ask again as often as you like. A token that ends makes none: the password would stand after it.',
        params: WikiParams,
        response: { 200: FirstSignIn, ...refused },
      },
    },
    async (request, reply) => {
      const wiki = wikiOf(request)
      if (wiki.engine !== 'mediawiki') {
        throw new Refusal('sign_in_not_found', 'A FedWiki site knows its owner by their own sign-in.')
      }
      // A password stands for good.
      requireLasting(requireActing(request))
      const { user, key, expiresAt } = await makeFirstSignInLink(deps, wiki)
      void reply.header('cache-control', 'no-store')
      const query = new URLSearchParams({ title: 'Special:FirstSignIn', key })
      return {
        url: `${answers.url(wiki)}/index.php?${String(query)}`,
        user,
        expires_at: new Date(expiresAt).toISOString(),
      }
    },
  )
}
