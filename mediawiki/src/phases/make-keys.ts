/** Phase `oauth`: the pair of keys that the wiki signs its tokens with. */
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { leftNothing } from './left-nothing.ts'
import { makeOAuthKeys } from '../folder/oauth-keys.ts'
import { phpUserOfNew } from '../folder/php-users.ts'
import { requireWiki, type CreateWikiInput } from './task-wiki.ts'

export const keysStep = 'oauth'

export function makeKeys(deps: MediaWikiDeps) {
  return async ({ slug, isHub, run }: CreateWikiInput): Promise<void> => {
    await runStep(
      deps,
      {
        ...{ run, phase: 'oauth', from: 5, message: 'Making the OAuth keys.' },
        ledger: { step: keysStep, detail: () => ({ slug }), leftNothing },
        recall: () => Promise.resolve(),
      },
      async ({ task, signal }) => {
        const owner = phpUserOfNew(deps.phpUsers, { wikiId: requireWiki(task), isHub })
        const { folders } = deps
        await makeOAuthKeys({ oauthFolder: folders.oauth, slug, task: task.task_id, owner, signal })
      },
      async (scope, _value, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, keysStep, 'made')
        return {
          ...{ type: 'progress', status: 'running', progress: 8, phase: 'oauth' },
          message: 'The OAuth keys are made.',
        }
      },
    )
  }
}
