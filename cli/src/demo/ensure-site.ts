import { TaskAccepted, User, type Wiki } from '@wikistead/contracts'
import { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { CommandFailure } from '../errors.ts'
import { findWiki } from '../find-wiki.ts'
import { followTask } from '../follow-task.ts'
import { inWords } from '../show-task.ts'
import type { Steps } from './steps.ts'

const name = 'demo'

export interface DemoSite {
  readonly wiki: Wiki
  /** As the farm must know the owner. */
  readonly owner: { readonly name: string; readonly subject: string }
}

/** The demo's site: the one of an earlier run, brought back if it was deleted, else a new one. */
export async function ensureSite(api: ApiClient, steps: Steps): Promise<DemoSite> {
  let wiki = await existing(api)
  if (wiki?.task_id != null) {
    // An earlier run was stopped in the middle of it.
    await follow(api, wiki.task_id, steps).catch(() => undefined)
    wiki = await existing(api)
  }
  if (wiki?.status === 'active') {
    steps.done('site', `${wiki.address} is there from an earlier run`, 0)
  } else {
    const restore = wiki?.status === 'archived'
    const { task_id: taskId } = await api.startTask({
      path: restore ? `/v1/wikis/${String(wiki?.id)}/restore` : '/v1/wikis',
      ...(!restore && { body: { engine: 'fedwiki', domain: name } }),
      answer: TaskAccepted,
    })
    await follow(api, taskId, steps)
    wiki = await findWiki(api, name)
  }
  const { users } = await api.ask({ path: '/v1/users', answer: z.object({ users: z.array(User) }) })
  const owner = users.find(({ id }) => id === wiki.owner.id)
  return { wiki, owner: { name: wiki.owner.name, subject: owner?.identities[0]?.subject ?? '' } }
}

async function existing(api: ApiClient): Promise<Wiki | undefined> {
  try {
    return await findWiki(api, name)
  } catch (error) {
    if (error instanceof CommandFailure && error.details.code === 'wiki_not_found') return undefined
    throw error
  }
}

/** One step a phase, from its first event to the next phase's. */
async function follow(api: ApiClient, taskId: string, steps: Steps): Promise<void> {
  let phase: { readonly name: string; readonly message: string; readonly began: number } | undefined
  const begin = (name: string, message: string): void => {
    const now = performance.now()
    if (phase !== undefined) steps.done(phase.name, phase.message, now - phase.began)
    phase = { name, message, began: now }
  }
  for await (const { id, event } of followTask(api, taskId)) {
    const { type, ...fields } = event
    steps.event(type, { task_id: taskId, id, ...fields })
    if (event.type === 'progress') {
      const { phase: now = 'queued', message, failed_attempt: failed } = event
      if (failed !== undefined) steps.note(inWords(event))
      else if (now !== phase?.name) begin(now, message)
      steps.underWay(message)
    }
    if (event.type !== 'status') continue
    begin('end', inWords(event))
    if (event.status === 'failed') {
      throw new CommandFailure('taskFailed', inWords(event), { code: event.code, task_id: taskId })
    }
  }
}
