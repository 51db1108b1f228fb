import { SuspendWiki, TaskAccepted, Wiki } from '@wikistead/contracts'
import { admitSuspension, newTaskId } from '@wikistead/tasks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireActor } from '../../access/acting.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { WikiAnswers, WikiParams } from '../../answers/wiki-answers.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** What operators do to a wiki against its owner's will, and undo. */
export function suspensionRoutes(routes: Routes, deps: ApiDeps): void {
  const { store, supportUrl } = deps
  const patienceMs = deps.mediawiki?.patienceMs
  const answers = new WikiAnswers(deps)

  routes.put(
    '/v1/wikis/:id/suspension',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Suspend a wiki: nobody is served it, and its owner can neither change nor remove it',
        description:
          'Decided at once, and told to the wiki by a task: now, or as soon as what is at work on the wiki has ended (`in_effect`). Everything else about it stays as it is. The same again changes nothing; another reason replaces the one before.',
        params: WikiParams,
        body: SuspendWiki,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const { reason } = request.body
      noteForAudit(request, { reason })
      return decide(request, reply, reason)
    },
  )

  routes.delete(
    '/v1/wikis/:id/suspension',
    {
      schema: {
        tags: ['wikis'],
        summary: 'Lift the suspension of a wiki, which is then what it was before',
        description: 'The same again changes nothing.',
        params: WikiParams,
        response: { 200: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => decide(request, reply, null),
  )

  async function decide(request: FastifyRequest, reply: FastifyReply, reason: string | null) {
    const { user_id: userId } = requireActor(request)
    const { wiki_id: wikiId } = wikiOf(request)
    const asked = { taskId: newTaskId(), userId, wikiId, supportUrl, patienceMs, reason }
    const { wiki, task } = await admitSuspension(store, asked)
    if (task === undefined) return answers.shown(wiki)
    return answers.afterTask(request, reply, { task, wiki, replayed: false })
  }
}
