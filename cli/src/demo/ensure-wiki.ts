import { TaskAccepted, type Wiki } from '@wikistead/contracts'
import type { ApiClient } from '../api-client.ts'
import { findOf, findWiki } from '../find-wiki.ts'
import { followSteps } from './follow-steps.ts'
import type { Steps } from './steps.ts'

type WantedWiki =
  | { readonly engine: 'fedwiki'; readonly domain: string }
  | {
      readonly engine: 'mediawiki'
      readonly slug: string
      readonly name: string
      readonly language: string
      readonly owner_name?: string
      readonly hub?: true
    }

/** The demo's wiki: the one of an earlier run, brought back if it was deleted, else a new one. */
export async function ensureWiki(api: ApiClient, wanted: WantedWiki, steps: Steps): Promise<Wiki> {
  const { engine } = wanted
  const name = wanted.engine === 'fedwiki' ? wanted.domain : wanted.slug
  let wiki = await findOf(api, engine, name)
  if (wiki?.task_id != null) {
    // An earlier run was stopped in the middle of it.
    await followSteps(api, wiki.task_id, steps).catch(() => undefined)
    wiki = await findOf(api, engine, name)
  }
  if (wiki?.status === 'active') {
    steps.done(engine === 'fedwiki' ? 'site' : 'wiki', `${wiki.address} is there from an earlier run`, 0)
    return wiki
  }
  const restore = wiki?.status === 'archived'
  const { task_id: taskId } = await api.startTask({
    path: restore ? `/v1/wikis/${String(wiki?.id)}/restore` : '/v1/wikis',
    ...(!restore && { body: wanted }),
    answer: TaskAccepted,
  })
  await followSteps(api, taskId, steps)
  return (await findOf(api, engine, name)) ?? (await findWiki(api, name))
}
