/** Phases `docker_install` and `docker_index_cfg`: MediaWiki's own scripts make its tables and its search index. */
import { runStep, type Step } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { cloneDatabase } from '../database/clone-database.ts'
import { ensureCloneSource } from '../database/clone-source.ts'
import { runScript } from './run-script.ts'
import { searchNeeds } from './wiki-search.ts'
import { requireDatabasePassword, type CreateWikiInput } from './task-wiki.ts'

export const indexConfigScript = 'extensions/CirrusSearch/maintenance/UpdateSearchIndexConfig.php'
export const searchStep = 'docker_index_cfg'

const timeLimitMs = 10 * 60_000

export function installWiki(deps: MediaWikiDeps) {
  return async (input: CreateWikiInput): Promise<void> => {
    const { run } = input
    await runStep(
      deps,
      {
        ...{ run, phase: 'docker_install', from: 35, message: 'Installing MediaWiki.' },
        recall: () => Promise.resolve(),
      },
      (step) => (deps.install === 'clone' ? cloneTables(deps, step, input) : runInstaller(deps, step, input)),
      () =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 70, phase: 'docker_install' },
          message: 'MediaWiki is installed.',
        }),
    )
  }
}

/** The founding document's way. */
async function runInstaller(deps: MediaWikiDeps, step: Step, { slug, run }: CreateWikiInput): Promise<void> {
  const argv = ['php', 'maintenance/run', 'installPreConfigured']
  await runScript(deps, step, { phase: 'docker_install', name: 'install', slug, run, argv, timeLimitMs })
}

/** The quick way: the first wiki of a language waits for the fresh one to be installed. */
async function cloneTables(
  deps: MediaWikiDeps,
  step: Step,
  { slug, language }: CreateWikiInput,
): Promise<void> {
  const { server, folders, farm, phpUsers, runner } = deps
  const { task, signal } = step
  const password = await requireDatabasePassword(deps, slug, task.task_id)
  const source = await ensureCloneSource({
    ...{ server, runner, language, signal, gid: phpUsers.common.gid },
    farm: { ...farm, more: { ...farm.more, WIKIFARM_SEARCH: deps.search } },
    ...{ template: folders.template, wikisFolder: folders.wikis },
  })
  await cloneDatabase({ server, slug, source, password, task: task.task_id, signal })
}

export function configureSearchIndex(deps: MediaWikiDeps) {
  return async ({ slug, run }: CreateWikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'docker_index_cfg', from: 70, message: 'Making the search index.' },
        ledger: { step: searchStep, detail: () => ({ slug }), leftNothing: () => false },
        recall: () => Promise.resolve(),
      },
      async (step) => {
        const argv = ['php', indexConfigScript]
        await runScript(deps, step, {
          ...{ phase: 'docker_index_cfg', name: 'index_config', slug, run, argv, timeLimitMs },
          needs: searchNeeds(deps, slug),
        })
      },
      async (scope, _value, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, searchStep, 'made')
        return {
          ...{ type: 'progress', status: 'running', progress: 78, phase: 'docker_index_cfg' },
          message: 'The search index is there.',
        }
      },
    )
  }
}
