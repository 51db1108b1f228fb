import { ChangeWiki, Refusal, TaskAccepted, Wiki } from '@wikistead/contracts'
import type { UserRow, WikiChange, WikiRow } from '@wikistead/store'
import {
  admitChange,
  admitChangeMediaWiki,
  admitRestore,
  refuseSuspended,
  type Admitted,
  type WikiTask,
} from '@wikistead/tasks'
import { z } from 'zod'
import { requireActor } from '../../access/acting.ts'
import type { ApiDeps } from '../../deps.ts'
import { isRepeated } from './create-wiki-route.ts'
import { deleteWiki } from './delete-wiki.ts'
import { requireProven } from '../../access/proven-domain.ts'
import { hubAccount, siteSubject } from '../../access/engine-identity.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { ownerNow } from '../../access/ownership.ts'
import { refused, type Routes } from '../../routes.ts'
import {
  requireFedWiki,
  requireMediaWiki,
  TaskHeaders,
  WikiAnswers,
  WikiParams,
} from '../../answers/wiki-answers.ts'

/** Changing, deleting and restoring a wiki, for its owner and for operators. */
export function changeWikiRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const patienceMs = deps.mediawiki?.patienceMs
  const answers = new WikiAnswers(deps)

  routes.patch(
    '/v1/wikis/:id',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Change a wiki',
        description:
          'What the farm or the wiki itself must know is a task, waited for like a creation (MediaWiki: `202` unless asked otherwise); the rest is changed at once.',
        params: WikiParams,
        headers: TaskHeaders,
        body: ChangeWiki,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wiki = wikiOf(request)
      refuseSuspended(wiki)
      const { featured, visibility, owner_id: ownerId, owner_name: ownerName } = request.body
      if (featured !== undefined || ownerId !== undefined) requireActor(request, 'operator')
      if (wiki.engine === 'fedwiki' && (visibility === 'private' || ownerName !== undefined)) {
        throw new Refusal(
          'invalid_request',
          visibility === 'private'
            ? 'A FedWiki site is always public.'
            : 'owner_name is for MediaWiki wikis; a FedWiki site takes the name of its owner.',
        )
      }
      const asked = { ...answers.admission(request, actor), ...of(actor, wiki) }
      const admitted =
        wiki.engine === 'mediawiki'
          ? await changeMediaWiki(asked, wiki, request.body)
          : await changeFedWiki(asked, request.body)
      if (admitted === undefined) return answers.shown(await store.wikis.get(wiki.wiki_id))
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
      const now = request.query.now === '1'
      return deleteWiki({ routes, deps, answers }, request, reply, { wiki: wikiOf(request), now })
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
      refuseSuspended(wiki)
      const siteLimit =
        wiki.engine === 'fedwiki' ? requireFedWiki(deps).siteLimit : requireMediaWiki(deps).wikiLimit
      const admission = answers.admission(request, actor)
      if (!(await isRepeated(store, admission))) await requireProven(deps, actor, wiki, wiki.owner_id)
      const admitted = await admitRestore(store, {
        ...admission,
        ownerId: ownerNow(actor, wiki),
        ...{ wikiId: wiki.wiki_id, patienceMs, siteLimit },
      })
      return answers.afterTask(request, reply, admitted)
    },
  )

  /** Undefined when it was done at once. */
  async function changeFedWiki(asked: WikiTask, change: ChangeWiki): Promise<Admitted | undefined> {
    const { name, serving, owner_id: ownerId } = change
    const fields = { ...(name !== undefined && { name }), ...featuredOf(change) }
    if (serving === undefined && ownerId === undefined) {
      await changeRow(asked, fields)
      return undefined
    }
    const owner = ownerId === undefined ? undefined : await siteOwner(ownerId)
    return admitChange(store, { ...asked, change: { serving, owner }, fields })
  }

  /** What the wiki itself must know is a task; its row changes with it. */
  async function changeMediaWiki(
    asked: WikiTask,
    wiki: WikiRow,
    change: ChangeWiki,
  ): Promise<Admitted | undefined> {
    const { name, visibility, serving, owner_id: ownerId, owner_name: ownerName } = change
    if ((name ?? visibility ?? serving ?? ownerId) === undefined) {
      await changeRow(asked, featuredOf(change))
      return undefined
    }
    const { requireName, patienceMs } = requireMediaWiki(deps)
    if (name !== undefined) requireName(name, wiki.language ?? 'en')
    const owner =
      ownerId === undefined
        ? undefined
        : ownerName === undefined
          ? await wikiOwner(ownerId)
          : { userId: ownerId, name: ownerName }
    return admitChangeMediaWiki(store, {
      ...{ ...asked, patienceMs, fields: featuredOf(change) },
      change: { name, visibility, serving, owner },
    })
  }

  /** In our own row only, and at once. */
  async function changeRow({ wikiId, ownerId }: WikiTask, fields: WikiChange): Promise<void> {
    await store.transaction(async (scope) => {
      const wiki = await scope.wikis.lock(wikiId)
      if (wiki.owner_id !== (ownerId ?? wiki.owner_id)) {
        throw new Refusal('forbidden', `${wiki.address} belongs to somebody else.`)
      }
      refuseSuspended(wiki)
      if (wiki.claim === null) {
        throw new Refusal('wiki_not_found', `${wiki.address} is ${wiki.status}; there is nothing to change.`)
      }
      await scope.wikis.change(wikiId, fields)
    })
  }

  async function wikiOwner(userId: number) {
    const user = await store.users.get(userId)
    const account = await hubAccount(deps, user, false)
    return { userId, name: account?.name ?? user.name, account: account?.number }
  }

  async function siteOwner(userId: number) {
    const user = await store.users.get(userId)
    return { userId, name: user.name, subject: await siteSubject(deps, user, false) }
  }
}

const featuredOf = ({ featured }: ChangeWiki) =>
  featured === undefined ? {} : { featured: featured ? 1 : 0 }

/** Another may own it by the time that the change is let in; an operator may act on anybody's. */
const of = (actor: UserRow, wiki: WikiRow): Pick<WikiTask, 'wikiId' | 'ownerId'> => ({
  wikiId: wiki.wiki_id,
  ownerId: ownerNow(actor, wiki),
})
