/** What the routes of wikis share: who asks becomes an admission, and a wiki's row becomes its answer. */
import { createHash } from 'node:crypto'
import { Refusal, type Wiki } from '@wikistead/contracts'
import type { UserRow, WikiRow } from '@wikistead/store'
import { newTaskId, type Admission, type Admitted, type Idempotency } from '@wikistead/tasks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { noteForAudit } from '../access/audit-trail.ts'
import type { ApiDeps, FedWikiRules, MediaWikiRules } from '../deps.ts'
import type { Acting } from '../access/acting.ts'
import { mayManage } from '../access/ownership.ts'
import { presentWiki, presentWikis } from './present.ts'
import { answerTask } from './task-answers.ts'

export const WikiParams = z.object({ id: z.coerce.number().int().positive() })

/** Headers of every request that makes a task. */
export const TaskHeaders = z.object({
  prefer: z.string().optional().describe('RFC 7240: `respond-async`, or `wait=N` seconds'),
  'idempotency-key': z.string().min(1).max(200).optional().describe('Makes a repeated request safe'),
})

export class WikiAnswers {
  readonly #deps: ApiDeps

  constructor(deps: ApiDeps) {
    this.#deps = deps
  }

  readonly url = ({ engine, address }: WikiRow): string => {
    const { fedwiki, mediawiki } = this.#deps
    const url = engine === 'fedwiki' ? fedwiki?.siteUrl(address) : mediawiki?.wikiUrl(address)
    return url ?? `https://${address}`
  }

  async shown(wiki: WikiRow): Promise<Wiki> {
    return presentWiki(wiki, (await this.#deps.store.users.get(wiki.owner_id)).name, this.url)
  }

  /** Where a wiki is and what is at work on it is its owner's business and the operators'. */
  async seenBy(acting: Acting | undefined, rows: readonly WikiRow[]): Promise<Wiki[]> {
    const wikis = await presentWikis(this.#deps.store, rows, this.url)
    return wikis.map((wiki, index) => {
      const row = rows[index]
      const all = acting !== undefined && row !== undefined && mayManage(acting, row)
      return all ? wiki : { ...wiki, host: null, task_id: null }
    })
  }

  admission(request: FastifyRequest, actor: UserRow): Admission {
    return {
      taskId: newTaskId(),
      userId: actor.user_id,
      supportUrl: this.#deps.supportUrl,
      idempotency: idempotencyOf(request),
      limits: this.#deps.limits,
    }
  }

  /** Answers with the wiki as it is once the task has ended. */
  async afterTask(request: FastifyRequest, reply: FastifyReply, admitted: Admitted, status: 200 | 201 = 200) {
    const wikiId = admitted.task.wiki_id ?? 0
    noteForAudit(request, { subject: `wiki/${String(wikiId)}` })
    return answerTask<Wiki>(this.#deps, request, reply, admitted, {
      status,
      // Making a MediaWiki wiki takes seconds to minutes: unless asked to, nobody waits for it.
      waitMs: admitted.task.engine === 'mediawiki' ? 0 : this.#deps.createWaitMs,
      ...(status === 201 && { location: `/v1/wikis/${String(wikiId)}` }),
      body: async () => this.shown(await this.#deps.store.wikis.get(wikiId)),
    })
  }
}

/** @throws Refusal `engine_off` */
export function requireFedWiki({ fedwiki }: ApiDeps): FedWikiRules {
  if (fedwiki === undefined) throw engineOff('FedWiki')
  return fedwiki
}

/** @throws Refusal `engine_off` */
export function requireMediaWiki({ mediawiki }: ApiDeps): MediaWikiRules {
  if (mediawiki === undefined) throw engineOff('MediaWiki')
  return mediawiki
}

function engineOff(engine: string): Refusal {
  return new Refusal(
    'engine_off',
    `${engine} is not set up on this farm. An operator turns it on in the configuration.`,
  )
}

/** The key, with what it stands for: another request under the same key is refused. */
function idempotencyOf({ headers, method, url, body }: FastifyRequest): Idempotency | undefined {
  const key = headers['idempotency-key']
  if (typeof key !== 'string') return undefined
  const request = JSON.stringify([method, url, body ?? null])
  return { key, requestHash: createHash('sha256').update(request).digest('hex') }
}
