/** Phases `docker_install` and `docker_index_cfg`: MediaWiki's own scripts make its tables and its search index. */
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { runScript } from './run-script.ts'
import type { CreateWikiInput } from './task-wiki.ts'

const timeLimitMs = 10 * 60_000

export function installWiki(deps: MediaWikiDeps) {
  return async ({ slug, run }: CreateWikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'docker_install', from: 35, message: 'Installing MediaWiki.' },
        recall: () => Promise.resolve(),
      },
      async (step) => {
        const argv = ['php', 'maintenance/run', 'installPreConfigured']
        await runScript(deps, step, {
          ...{ phase: 'docker_install', name: 'install', slug, run, argv, timeLimitMs },
        })
      },
      () =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 70, phase: 'docker_install' },
          message: 'MediaWiki is installed.',
        }),
    )
  }
}

export function configureSearchIndex(deps: MediaWikiDeps) {
  return async ({ slug, run }: CreateWikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'docker_index_cfg', from: 70, message: 'Making the search index.' },
        recall: () => Promise.resolve(),
      },
      async (step) => {
        const argv = ['php', 'extensions/CirrusSearch/maintenance/UpdateSearchIndexConfig.php']
        await runScript(deps, step, {
          ...{ phase: 'docker_index_cfg', name: 'index_config', slug, run, argv, timeLimitMs },
        })
      },
      () =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 78, phase: 'docker_index_cfg' },
          message: 'The search index is there.',
        }),
    )
  }
}
