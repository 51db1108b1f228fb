import { Refusal } from '@wikistead/contracts'
import type { WikiRow } from '@wikistead/store'
import { admitDelete, refuseSuspended } from '@wikistead/tasks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isAtLeast, requireActor } from '../../access/acting.ts'
import { ownerNow } from '../../access/ownership.ts'
import type { WikiAnswers } from '../../answers/wiki-answers.ts'
import type { ApiDeps } from '../../deps.ts'
import type { Routes } from '../../routes.ts'

interface DeletingRoute {
  readonly routes: Routes
  readonly deps: ApiDeps
  readonly answers: WikiAnswers
}

interface Deletion {
  readonly wiki: WikiRow
  /** For good. */
  readonly now: boolean
}

/** What every route that deletes a wiki does, once whoever asks was let in: what is deleted already is answered as it is. */
export async function deleteWiki(
  { routes, deps, answers }: DeletingRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { wiki, now }: Deletion,
) {
  const { store } = deps
  const actor = requireActor(request)
  if (isDeleted(wiki, now)) return answers.shown(wiki)
  if (deps[wiki.engine]?.undoWindowMs === 0) routes.requireFresh(request)
  const evenSuspended = now && isAtLeast(actor, 'operator')
  if (!evenSuspended) refuseSuspended(wiki)
  try {
    const admitted = await admitDelete(store, {
      ...answers.admission(request, actor),
      ownerId: ownerNow(actor, wiki),
      wikiId: wiki.wiki_id,
      patienceMs: deps.mediawiki?.patienceMs,
      now,
      evenSuspended,
    })
    return await answers.afterTask(request, reply, admitted)
  } catch (error) {
    // Another request may have been quicker; then what was wanted is so.
    const latest = await store.wikis.get(wiki.wiki_id)
    if (error instanceof Refusal && error.code === 'wiki_not_found' && isDeleted(latest, now)) {
      return answers.shown(latest)
    }
    throw error
  }
}

/** Whether a deletion (`now`: for good) has nothing left to do. */
const isDeleted = ({ status, claim }: WikiRow, now: boolean): boolean =>
  claim === null || (status === 'archived' && !now)
