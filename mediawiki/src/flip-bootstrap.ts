/** Phase `flip_bootstrap`: the wiki goes into service and gets its founder. From its end on it is usable. */
import { Refusal } from '@wikistead/contracts'
import { runStep, type Step } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import {
  keepFirstSignIn,
  readSecret,
  removeSecrets,
  secretFileOf,
  type FirstSignIn,
} from './first-sign-in.ts'
import { founderCommand, founderExit, readFounder } from './founder.ts'
import { leftNothing } from './left-nothing.ts'
import { setBootstrapping } from './pubwiki-file.ts'
import { runScript, type ScriptName } from './run-script.ts'
import { folderOf, requireWiki, type CreateWikiInput } from './task-wiki.ts'

export const serviceStep = 'flip_bootstrap'

export function flipBootstrap(deps: MediaWikiDeps) {
  return async (input: CreateWikiInput): Promise<{ readonly wikiId: number }> => {
    const { slug, run, isHub } = input
    const sharesAccounts = deps.farm.sharedDatabase !== undefined && !isHub
    const { wikiId } = await runStep<Flipped>(
      deps,
      {
        ...{ run, phase: 'flip_bootstrap', from: 80, message: 'Putting the wiki into service.' },
        ledger: { step: serviceStep, detail: () => ({ slug }), leftNothing },
        recall: (task) => Promise.resolve({ wikiId: requireWiki(task) }),
      },
      async (step) => {
        const wikiId = requireWiki(step.task)
        // The hub's accounts are known to a wiki in service only; its own founder comes before any other account.
        if (sharesAccounts) {
          await setBootstrapping(folderOf(deps, slug), false)
          await promote(deps, step, input, false)
          return { wikiId }
        }
        const signIn = await promote(deps, step, input, true)
        await setBootstrapping(folderOf(deps, slug), false)
        return { wikiId, signIn }
      },
      async (scope, { wikiId, signIn }, { task_id: taskId }) => {
        await scope.ledger.settle(taskId, serviceStep, 'made')
        await scope.wikis.change(wikiId, { status: 'active', serving: 'active' })
        if (signIn !== undefined) await keepFirstSignIn(scope, wikiId, signIn)
        return {
          ...{ type: 'progress', status: 'running', progress: 88, phase: 'flip_bootstrap', wiki_id: wikiId },
          message: `${slug} can be used.`,
        }
      },
    )
    await removeSecrets(folderOf(deps, slug))
    // The one-time password is in our store, and goes nowhere else.
    return { wikiId }
  }
}

interface Flipped {
  readonly wikiId: number
  readonly signIn?: FirstSignIn | undefined
}

/** The founder becomes bureaucrat and sysop, and that is read back. @throws Refusal `identity_needed` */
async function promote(
  deps: MediaWikiDeps,
  step: Step,
  { slug, run, ownerName, userId }: CreateWikiInput,
  signsIn: boolean,
): Promise<FirstSignIn | undefined> {
  const { task_id: taskId } = step.task
  const make = async (script: ScriptName, name: string) => {
    const secretFile = (n: number) => (signsIn ? secretFileOf(`${taskId}-${script}`, n) : undefined)
    const { lines, n } = await runScript(deps, step, {
      ...{ phase: 'flip_bootstrap', name: script, slug, run, timeLimitMs: 2 * 60_000 },
      argv: founderCommand({ name }).argv,
      env: (n) => founderCommand({ name, userId, secretFile: secretFile(n) }).env,
      finalExits: {
        [founderExit.noSuchAccount]: new Refusal(
          'identity_needed',
          `The hub has no account named ${ownerName}. Sign in on the hub once, then try again.`,
        ),
        [founderExit.noSuchName]: noSuchName,
      },
    })
    return { user: readFounder(lines).user, file: secretFile(n) }
  }
  const { user, file } = await make('founder', ownerName).catch((error: unknown) => {
    // A name that MediaWiki cannot have: an account of ours stands in.
    if (error === noSuchName) return make('founder_instead', `Member ${String(userId)}`)
    throw error
  })
  return file === undefined ? undefined : { user, password: await readSecret(folderOf(deps, slug), file) }
}

const noSuchName = new Refusal('invalid_name', 'MediaWiki takes no account of that name.')
