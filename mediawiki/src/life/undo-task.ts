/** What each line of a task's ledger means, taken back: latest first, and each marked as it is done. */
import type { LedgerRow, TaskRow } from '@wikistead/store'
import type { Found, Undo } from '@wikistead/tasks/rollback'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { archiveStep, restoreStep } from './archive-wiki.ts'
import { restoreOwner } from './change-owner.ts'
import { restoreSettings } from './change-settings.ts'
import { ownerStep, settingsStep } from './change-wiki.ts'
import { copyStep } from '../phases/copy-template.ts'
import { serviceStep } from '../phases/flip-bootstrap.ts'
import { searchStep } from '../phases/install-wiki.ts'
import { keysStep } from '../phases/make-keys.ts'
import { databaseStep } from '../phases/provision-database.ts'
import { loginsStep } from '../phases/render-ini.ts'
import { setBootstrapping } from '../ini/pubwiki-file.ts'
import { purgeStep } from './purge-wiki.ts'
import { stopScripts } from '../phases/run-script.ts'
import { requireGone, takeAway, takeAwayAll, type Part } from './take-away.ts'
import { folderOf, makerOf, requireWiki } from '../phases/task-wiki.ts'

const parts: ReadonlyMap<string, Part> = new Map([
  [serviceStep, 'service'],
  [loginsStep, 'logins'],
  [databaseStep, 'database'],
  [keysStep, 'keys'],
  [searchStep, 'search'],
  [copyStep, 'folder'],
])

const withScripts: ReadonlySet<TaskRow['kind']> = new Set(['create_wiki', 'change_wiki', 'reindex_wiki'])

/** Throws whatever keeps a part of it; the other parts are taken back all the same. */
export function undoMediaWikiTask(deps: MediaWikiDeps): Undo {
  return async (task, signal) => {
    const { store, runner } = deps
    const { task_id: taskId, run } = task
    const open = await store.ledger.open(taskId)
    const hasScripts = withScripts.has(task.kind)
    if (hasScripts) await stopScripts(deps, { taskId, run }, signal)
    let found: Found = 'as_before'
    let first: { readonly error: unknown } | undefined
    for (const line of inOrder(open)) {
      try {
        if ((await undoLine(deps, task, line, signal)) === 'gone') found = 'gone'
        await store.transaction((scope) => scope.ledger.settle(taskId, line.step, 'undone'))
      } catch (error) {
        first ??= { error }
      }
    }
    if (first !== undefined) throw first.error
    if (hasScripts || open.length === 0) await runner.forget(taskId)
    return found
  }
}

/** Latest first, and the folder last whatever began first: the database's undo needs nothing of it, but its reader may. */
function inOrder(lines: readonly LedgerRow[]): readonly LedgerRow[] {
  return [
    ...lines.filter(({ step }) => step === serviceStep),
    ...lines.filter(({ step }) => step !== copyStep && step !== serviceStep),
    ...lines.filter(({ step }) => step === copyStep),
  ]
}

async function undoLine(
  deps: MediaWikiDeps,
  task: TaskRow,
  { step, detail }: LedgerRow,
  signal: AbortSignal,
): Promise<Found> {
  const { slug } = JSON.parse(detail) as { readonly slug: string }
  const part = parts.get(step)
  if (part !== undefined) {
    await takeAway(deps, part, { slug, maker: task.task_id, signal })
    return 'as_before'
  }
  switch (step) {
    case archiveStep:
      await setBootstrapping(folderOf(deps, slug), false)
      return 'as_before'
    case restoreStep:
      await setBootstrapping(folderOf(deps, slug), true)
      return 'as_before'
    case ownerStep:
      await restoreOwner(deps, task, slug, signal)
      return 'as_before'
    case settingsStep:
      await restoreSettings(deps, detail)
      return 'as_before'
    case purgeStep: {
      // A part of it may be gone, and half a wiki serves nobody: what was begun is ended.
      const maker = await makerOf(deps.store, requireWiki(task))
      await takeAwayAll(deps, { slug, maker, signal })
      await requireGone(deps, { slug, signal })
      return 'gone'
    }
    default:
      throw new Error(`nobody knows how to undo ${step}`)
  }
}
