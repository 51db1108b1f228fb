/** Phase `flip_bootstrap`: the wiki goes into service and gets its founder. From its end on it is usable. */
import { Refusal } from '@wikistead/contracts'
import { runStep, type Step } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { founderCommand, founderExit, readFounder } from './founder.ts'
import { leftNothing } from './left-nothing.ts'
import { setBootstrapping } from '../ini/pubwiki-file.ts'
import { runScript, type ScriptName } from './run-script.ts'
import { folderOf, requireWiki, type CreateWikiInput } from './task-wiki.ts'

export const serviceStep = 'flip_bootstrap'

export function flipBootstrap(deps: MediaWikiDeps) {
  return async (input: CreateWikiInput): Promise<{ readonly wikiId: number }> => {
    const { slug, run, isHub } = input
    const sharesAccounts = deps.farm.sharedDatabase !== undefined && !isHub
    return runStep<Flipped>(
      deps,
      {
        ...{ run, phase: 'flip_bootstrap', from: 80, message: 'Putting the wiki into service.' },
        ledger: { step: serviceStep, detail: () => ({ slug }), leftNothing },
        recall: (task) => Promise.resolve({ wikiId: requireWiki(task) }),
      },
      async (step) => {
        // The hub's accounts are known to a wiki in service only; its own founder comes before any other account.
        if (!sharesAccounts) await promote(deps, step, input)
        await setBootstrapping(folderOf(deps, slug), false)
        if (sharesAccounts) await promote(deps, step, input)
        return { wikiId: requireWiki(step.task) }
      },
      async (scope, { wikiId }, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, serviceStep, 'made')
        await scope.wikis.change(wikiId, { status: 'active', serving: 'active' })
        return {
          ...{ type: 'progress', status: 'running', progress: 88, phase: 'flip_bootstrap', wiki_id: wikiId },
          message: `${slug} can be used.`,
        }
      },
    )
  }
}

interface Flipped {
  readonly wikiId: number
}

/** The founder becomes bureaucrat and sysop, and that is read back. @throws Refusal `identity_needed` */
async function promote(
  deps: MediaWikiDeps,
  step: Step,
  { slug, run, ownerName, ownerAccount, isHub, userId }: CreateWikiInput,
): Promise<void> {
  const isShared = deps.farm.sharedDatabase !== undefined && !isHub
  const account = isShared ? ownerAccount : undefined
  const make = async (script: ScriptName, name: string): Promise<void> => {
    const { argv, env } = founderCommand({ name, userId, account })
    const { lines } = await runScript(deps, step, {
      ...{ phase: 'flip_bootstrap', name: script, slug, run, timeLimitMs: 2 * 60_000 },
      ...{ argv, env: () => env },
      finalExits: {
        [founderExit.noSuchAccount]: new Refusal(
          'identity_needed',
          `The hub has no account named ${ownerName}. Sign in on the hub once, then try again.`,
        ),
        [founderExit.noSuchName]: noSuchName,
      },
    })
    readFounder(lines, account)
  }
  await make('founder', ownerName).catch((error: unknown) => {
    // A name that MediaWiki cannot have: an account of ours stands in.
    if (error === noSuchName) return make('founder_instead', `Member ${String(userId)}`)
    throw error
  })
}

const noSuchName = new Refusal('invalid_name', 'MediaWiki takes no account of that name.')
