/**
 * Phase `change_owner`: the new owner's account becomes sysop and bureaucrat, and is read back; the old one is neither
 * any more. Both are one transaction of the wiki's database, which also keeps how to change it back.
 */
import { Refusal } from '@wikistead/contracts'
import { runStep, type Step } from '@wikistead/tasks/step'
import type { TaskRow } from '@wikistead/store'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { changesSettings, ownerStep, settleChange, type ChangeWikiInput } from './change-wiki.ts'
import { databaseName } from '../names/slug.ts'
import { founderExit, readFounder } from '../phases/founder.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { runScript, type Script } from '../phases/run-script.ts'

/** The last phase of the task when there is no setting to change. */
export function changeOwner(deps: MediaWikiDeps) {
  return async (input: ChangeWikiInput): Promise<void> => {
    const { slug, run, owner } = input
    if (owner === undefined) throw new Error('there is no new owner')
    const isShared = deps.farm.sharedDatabase !== undefined && databaseName(slug) !== deps.farm.sharedDatabase
    const account = isShared ? owner.account : undefined
    await runStep<{ readonly user: string }>(
      deps,
      {
        ...{ run, phase: 'change_owner', from: 20, message: 'Giving the wiki to its new owner.' },
        ledger: { step: ownerStep, detail: () => ({ slug }), leftNothing },
        recall: () => Promise.resolve({ user: owner.name }),
      },
      async (step) => {
        const { lines } = await runScript(deps, step, {
          ...{ ...commonOf(slug), run, name: 'owner' },
          env: () => ({
            // No environment holds a NUL, and a name with another control character is as impossible.
            WIKISTEAD_FOUNDER: owner.name.replaceAll('\0', '\u0001'),
            WIKISTEAD_FOUNDER_INSTEAD: `Member ${String(owner.userId)}`,
            WIKISTEAD_USER: String(owner.userId),
            ...(account !== undefined && { WIKISTEAD_ACCOUNT: String(account) }),
            WIKISTEAD_TASK: step.task.task_id,
          }),
          finalExits: {
            [founderExit.noSuchAccount]: new Refusal(
              'identity_needed',
              `The hub has no account named ${owner.name}. The new owner signs in on the hub once; then try again.`,
            ),
            [founderExit.noSuchName]: new Refusal(
              'invalid_name',
              `The wiki has no account for ${owner.name}: each name it could have is somebody’s. Name another in owner_name.`,
            ),
          },
        })
        if (!changesSettings(input)) await deps.runner.forget(step.task.task_id)
        return { user: readFounder(lines, account).user }
      },
      async (scope, { user }, task) => {
        if (changesSettings(input)) {
          await scope.ledger.settle(task.task_id, ownerStep, 'made')
          return {
            ...{ type: 'progress', status: 'running', progress: 55, phase: 'change_owner' },
            message: `${user} is the wiki’s bureaucrat and sysop.`,
          }
        }
        return settleChange(scope, task, input)
      },
    )
  }
}

/** As it was; a task that changed nothing leaves it so. */
export async function restoreOwner(
  deps: MediaWikiDeps,
  task: TaskRow,
  slug: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runScript(deps, { task, signal } satisfies Pick<Step, 'task' | 'signal'>, {
      ...{ ...commonOf(slug), run: task.run, phase: 'rollback', name: 'owner_undo', isTold: false },
      env: () => ({ WIKISTEAD_TASK: task.task_id, WIKISTEAD_UNDO: '1' }),
    })
  } catch (error) {
    // While undoing nothing is final as long as something may be left.
    throw error instanceof Refusal ? new ProvisioningFault(error.message, error.code) : error
  }
}

const commonOf = (slug: string) =>
  ({
    ...{ slug, phase: 'change_owner', timeLimitMs: 2 * 60_000 },
    argv: ['php', 'maintenance/run', 'changeOwner'],
  }) as const satisfies Partial<Script>

/** The script's own refusals: it has changed nothing then. */
const leftNothing = (error: unknown): boolean =>
  error instanceof Refusal &&
  (error.code === 'identity_needed' || error.code === 'invalid_name') &&
  error.details['promoted'] === undefined
