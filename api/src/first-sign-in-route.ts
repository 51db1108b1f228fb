import { FirstSignIn, firstSignInSetting, Refusal } from '@wikistead/contracts'
import type { ApiDeps } from './deps.ts'
import { wikiOf } from './enforce-permissions.ts'
import { refused, type Routes } from './routes.ts'
import { WikiAnswers, WikiParams } from './wiki-answers.ts'

/** For a MediaWiki wiki with accounts of its own: nobody has a password there until its founder takes this one. */
export function firstSignInRoute(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.post(
    '/v1/wikis/:id/first-sign-in',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Take the one-time password of a new wiki’s founder; it is told once',
        params: WikiParams,
        response: { 200: FirstSignIn, ...refused },
      },
    },
    async (request, reply) => {
      const wiki = wikiOf(request)
      const taken = await store.transaction((scope) => scope.settings.take(firstSignInSetting(wiki.wiki_id)))
      if (taken === undefined) {
        throw new Refusal(
          'sign_in_not_found',
          'There is no one-time password: it was taken, the wiki shares the accounts of a hub, or it is not in service yet.',
        )
      }
      void reply.header('cache-control', 'no-store')
      const { user, password } = JSON.parse(taken) as Omit<FirstSignIn, 'url'>
      const query = new URLSearchParams({ title: 'Special:UserLogin', wpName: user })
      return { url: `${answers.url(wiki)}/index.php?${String(query)}`, user, password }
    },
  )
}
