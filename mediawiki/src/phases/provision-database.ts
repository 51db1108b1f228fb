/** Phase `db_provision`: the wiki's database, its user and that user's rights. */
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { leftNothing } from './left-nothing.ts'
import { requireDatabasePassword, type CreateWikiInput } from './task-wiki.ts'
import { createWikiDatabase } from '../database/wiki-database.ts'

export const databaseStep = 'db_provision'

export function provisionDatabase(deps: MediaWikiDeps) {
  return async ({ slug, isHub, run }: CreateWikiInput): Promise<void> => {
    const { server, farm, reservedDatabases } = deps
    await runStep(
      deps,
      {
        ...{ run, phase: 'db_provision', from: 25, message: 'Making the database.' },
        ledger: { step: databaseStep, detail: () => ({ slug }), leftNothing },
        recall: () => Promise.resolve(),
      },
      async ({ task, signal }) => {
        const password = await requireDatabasePassword(deps, slug, task.task_id)
        await createWikiDatabase({
          ...{ server, slug, task: task.task_id, password, signal, reservedDatabases },
          sharedDatabase: isHub ? undefined : farm.sharedDatabase,
        })
      },
      async (scope, _value, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, databaseStep, 'made')
        return {
          ...{ type: 'progress', status: 'running', progress: 30, phase: 'db_provision' },
          message: 'The database is there.',
        }
      },
    )
  }
}
