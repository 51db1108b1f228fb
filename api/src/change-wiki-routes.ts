import { ChangeWiki, Refusal, TaskAccepted, Wiki } from '@wikistead/contracts'
import type { UserRow, WikiRow } from '@wikistead/store'
import { admitChange, admitDelete, admitRestore } from '@wikistead/tasks'
import { z } from 'zod'
import { isAtLeast, requireActor } from './acting.ts'
import type { ApiDeps } from './deps.ts'
import { wikiOf } from './enforce-permissions.ts'
import { refused, type Routes } from './routes.ts'
import { requireFedWiki, requireMediaWiki, TaskHeaders, WikiAnswers, WikiParams } from './wiki-answers.ts'

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
      const wiki = wikiOf(request)
      const { name, featured, visibility, serving, owner_id: ownerId } = request.body
      if (featured !== undefined || ownerId !== undefined) requireActor(request, 'operator')
      if (visibility === 'private' && wiki.engine === 'fedwiki') {
        throw new Refusal('invalid_request', 'A FedWiki site is always public.')
      }
      if (wiki.engine === 'mediawiki' && (name ?? visibility ?? serving ?? ownerId) !== undefined) {
        throw new Refusal(
          'invalid_request',
          'Of a MediaWiki wiki only `featured` can be changed here. Its name, its readers and its owner cannot be changed yet.',
        )
      }
      const owner = ownerId === undefined ? undefined : await newOwner(ownerId)
      const fields = {
        ...(name !== undefined && { name }),
        ...(featured !== undefined && { featured: featured ? 1 : 0 }),
        ...(visibility !== undefined && { visibility }),
      }
      if (serving === undefined && owner === undefined) {
        if (wiki.claim === null) {
          throw new Refusal(
            'wiki_not_found',
            `${wiki.address} is ${wiki.status}; there is nothing to change.`,
          )
        }
        await store.wikis.change(wiki.wiki_id, fields)
        return answers.shown(await store.wikis.get(wiki.wiki_id))
      }
      const admitted = await admitChange(store, {
        ...answers.admission(request, actor),
        ...{ ownerId: ownerNow(actor, wiki), wikiId: wiki.wiki_id, change: { serving, owner }, fields },
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
          'It stops serving and can be restored until `purge_after`; `now=1` removes it for good, also from there. Deleting again what is deleted changes nothing.',
        params: WikiParams,
        headers: TaskHeaders,
        querystring: z.object({ now: z.enum(['0', '1']).default('0') }),
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = wikiOf(request)
      const now = request.query.now === '1'
      if (isDeleted(wiki, now)) return answers.shown(wiki)
      try {
        const ownerId = ownerNow(actor, wiki)
        const admission = { ...answers.admission(request, actor), ownerId, wikiId: wiki.wiki_id, now }
        return await answers.afterTask(request, reply, await admitDelete(store, admission))
      } catch (error) {
        // Another request may have been quicker; then what was wanted is so.
        const latest = await store.wikis.get(wiki.wiki_id)
        if (error instanceof Refusal && error.code === 'wiki_not_found' && isDeleted(latest, now)) {
          return answers.shown(latest)
        }
        throw error
      }
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
      const wiki = wikiOf(request)
      const siteLimit =
        wiki.engine === 'fedwiki' ? requireFedWiki(deps).siteLimit : requireMediaWiki(deps).wikiLimit
      const admitted = await admitRestore(store, {
        ...answers.admission(request, actor),
        ownerId: ownerNow(actor, wiki),
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

/** Another may own it by the time that the task is let in; an operator may act on anybody's. */
const ownerNow = (actor: UserRow, wiki: WikiRow): number | undefined =>
  isAtLeast(actor, 'operator') ? undefined : wiki.owner_id

/** Whether a deletion (`now`: for good) has nothing left to do. */
const isDeleted = ({ status, claim }: WikiRow, now: boolean): boolean =>
  claim === null || (status === 'archived' && !now)
