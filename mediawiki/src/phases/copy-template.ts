/** Phase `dir_copy`: the wiki's folder, a copy of the template. */
import { Refusal, type TaskEvent } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'
import { runStep, type Step } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { copyDirectory, type CopyProgress } from '../folder/directory-copy.ts'
import { leftNothing } from './left-nothing.ts'
import { giveFolderTo, phpUserOfNew } from '../folder/php-users.ts'
import { folderOf, requireWiki, type CreateWikiInput } from './task-wiki.ts'

export const copyStep = 'dir_copy'

const from = 5
const to = 18

export function copyTemplate(deps: MediaWikiDeps) {
  return async ({ slug, isHub, run }: CreateWikiInput): Promise<void> => {
    const { store, folders, phpUsers } = deps
    await runStep(
      deps,
      {
        ...{ run, phase: 'dir_copy', from, message: 'Copying the template.' },
        look: (step) => requireClaim(store, step, slug),
        ledger: { step: copyStep, detail: () => ({ slug }), leftNothing },
        recall: () => Promise.resolve(),
      },
      async ({ task, signal }) => {
        await using told = tellProgress(store, task.task_id, run)
        await copyDirectory({
          ...{ farmFolder: folders.wikis, template: folders.template, slug, task: task.task_id, signal },
          onProgress: told.hear,
        })
        const owner = phpUserOfNew(phpUsers, { wikiId: requireWiki(task), isHub })
        if (owner !== phpUsers.common) await giveFolderTo(folderOf(deps, slug), owner)
      },
      async (scope, _value, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, copyStep, 'made')
        return done(to, 'The template is copied.')
      },
    )
  }
}

/** @throws Refusal `name_taken` */
async function requireClaim(store: Store, { task }: Step, slug: string): Promise<void> {
  const wiki = task.wiki_id === null ? undefined : await store.wikis.find(task.wiki_id)
  if (wiki?.claim === slug && wiki.task_id === task.task_id) return
  throw new Refusal('name_taken', `The claim of this task on ${slug} is gone.`)
}

const done = (progress: number, message: string): TaskEvent => ({
  ...{ type: 'progress', status: 'running', progress, message, phase: 'dir_copy' },
})

/** At most a few events a second, and none after its end; what cannot be told is not missed. */
function tellProgress(store: Store, taskId: string, run: number) {
  let telling: Promise<void> | undefined
  let last = performance.now()
  return {
    hear: ({ entries, expected }: CopyProgress): void => {
      if (telling !== undefined || performance.now() - last < 400) return
      last = performance.now()
      const share = expected === undefined ? 0.5 : Math.min(1, entries / expected)
      const message = `Copying the template: ${entries.toLocaleString('en')} files${
        expected === undefined ? '' : ` of about ${expected.toLocaleString('en')}`
      }.`
      const event = done(Math.round(from + share * (to - from)), message)
      telling = store
        .transaction(async (scope) => void (await scope.tasks.append({ taskId, run, event })))
        .catch(() => undefined)
        .finally(() => {
          telling = undefined
        })
    },
    [Symbol.asyncDispose]: async () => telling,
  }
}
