/** Phase `db_provision`: the wiki's database, its user and that user's rights. */
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { leftNothing } from './left-nothing.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { readDatabasePassword } from '../ini/pubwiki-file.ts'
import { folderOf, type CreateWikiInput } from './task-wiki.ts'
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
        const password = await readDatabasePassword(folderOf(deps, slug), task.task_id)
        if (password === undefined) {
          throw new ProvisioningFault('The wiki’s pubwiki.ini holds no password of this task.', 'no_password')
        }
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
