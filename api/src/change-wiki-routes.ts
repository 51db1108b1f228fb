import { ChangeWiki, Refusal, TaskAccepted, Wiki } from '@wikistead/contracts'
import { admitChange, admitDelete, admitRestore } from '@wikistead/tasks'
import { z } from 'zod'
import { requireActor, requireOwner } from './actor.ts'
import type { ApiDeps } from './deps.ts'
import { refused, type Routes } from './routes.ts'
import { requireFedWiki, TaskHeaders, WikiAnswers, WikiParams } from './wiki-answers.ts'

/** Changing, deleting and restoring a wiki, for its owner and for operators. */
export function changeWikiRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.patch(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Change a wiki',
        description:
          'Names are changed at once; what the farm must do is a task, waited for like a creation.',
        params: WikiParams,
        headers: TaskHeaders,
        body: ChangeWiki,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      const { name, featured, visibility, serving, owner_id: ownerId } = request.body
      if (featured !== undefined || ownerId !== undefined) requireActor(request, 'operator')
      if (visibility === 'private' && wiki.engine === 'fedwiki') {
        throw new Refusal('invalid_request', 'A FedWiki site is always public.')
      }
      const owner = ownerId === undefined ? undefined : await newOwner(ownerId)
      if (name !== undefined || featured !== undefined || visibility !== undefined) {
        await store.wikis.change(wiki.wiki_id, {
          ...(name !== undefined && { name }),
          ...(featured !== undefined && { featured: featured ? 1 : 0 }),
          ...(visibility !== undefined && { visibility }),
        })
      }
      if (serving === undefined && owner === undefined)
        return answers.shown(await store.wikis.get(wiki.wiki_id))
      const admitted = await admitChange(store, {
        ...answers.admission(request, actor),
        ...{ wikiId: wiki.wiki_id, change: { serving, owner } },
      })
      return answers.afterTask(request, reply, admitted)
    },
  )

  routes.delete(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Delete a wiki',
        description:
          'It stops serving and can be restored until `purge_after`. Deleting it again, or with `now=1`, removes it for good.',
        params: WikiParams,
        headers: TaskHeaders,
        querystring: z.object({ now: z.enum(['0', '1']).default('0') }),
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      if (['deleted', 'failed', 'removed'].includes(wiki.status)) return answers.shown(wiki)
      const admitted = await admitDelete(store, {
        ...answers.admission(request, actor),
        ...{ wikiId: wiki.wiki_id, now: request.query.now === '1' },
      })
      return answers.afterTask(request, reply, admitted)
    },
  )

  routes.post(
    '/v1/wikis/:id/restore',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Bring a deleted wiki back, within its undo window',
        params: WikiParams,
        headers: TaskHeaders,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = requireOwner(actor, await store.wikis.get(request.params.id))
      const { siteLimit } = requireFedWiki(deps)
      const admitted = await admitRestore(store, {
        ...answers.admission(request, actor),
        wikiId: wiki.wiki_id,
        siteLimit,
      })
      return answers.afterTask(request, reply, admitted)
    },
  )

  async function newOwner(userId: number) {
    const user = await store.users.get(userId)
    const identity = (await store.users.identities(userId))[0]
    if (identity === undefined) {
      throw new Refusal(
        'identity_needed',
        `${user.name} has no sign-in identity, so the farm could not know them.`,
      )
    }
    return { userId, name: user.name, subject: identity.subject }
  }
}
