/**
 * Makes the site on the farm. The farm's 409 is ambiguous once an answer was lost: the site may be the one that an
 * earlier attempt made. It counts as ours only if the claim is this task's, an earlier attempt of it may have reached
 * the farm, the name was free before the first one, and the owner matches.
 */
import { Refusal, resolveDomain } from '@wikistead/contracts'
import type { LedgerRow, TaskRow } from '@wikistead/store'
import { runStep, type Step } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import type { CreateSiteInput } from './check-quota.ts'
import { FarmError, leftNothingOnFarm } from '../farm/farm-error.ts'
import type { Site } from '../farm/farm-manager-answers.ts'
import { ownerJson } from './owner.ts'
import { siteUnknown } from '../farm/site-unknown.ts'
import { requireWiki } from './task-wiki.ts'

export const createStep = 'create_site'

export interface CreatedSite {
  readonly siteId: number
  readonly domain: string
}

export function createSite(deps: FedWikiDeps) {
  return async (asked: CreateSiteInput): Promise<CreatedSite> => {
    const domain = resolveDomain(asked.domain, asked.isCustomDomain, deps.rules)
    const input = { ...asked, domain }
    const { ownerId, run } = input
    const created = (task: TaskRow): CreatedSite => ({ siteId: requireWiki(task), domain })
    let found: Site | undefined
    return runStep<CreatedSite>(
      deps,
      {
        ...{ run, phase: 'create_site', from: 20, message: 'Creating the site on the farm.' },
        async look(step) {
          found = await deps.farm.getSite(domain, step.signal)
          if (found === undefined) await refuseHeldName(deps, domain, step)
          else if (!mayHaveReached(step)) throw new FarmError(409)
        },
        ledger: {
          step: createStep,
          detail: () => ({ domain, owner_id: ownerId }),
          leftNothing: leftNothingOnFarm,
        },
        recall: (task) => Promise.resolve(created(task)),
      },
      async (step) => {
        if (found === undefined) await makeSite(deps, input, step)
        else await adopt(deps, input, step, found)
        return created(step.task)
      },
      async (scope, { siteId }, { task_id: taskId }) => {
        await scope.wikis.change(siteId, { status: 'active', serving: 'active' })
        await scope.wikis.letGo(siteId, taskId)
        await scope.ledger.settle(taskId, createStep, 'made')
        await scope.alarms.clear('site_ownerless', domain)
        return { type: 'status', status: 'succeeded', wiki_id: siteId, message: `${domain} is ready.` }
      },
    )
  }
}

async function makeSite(deps: FedWikiDeps, input: CreateSiteInput, step: Step): Promise<void> {
  try {
    await deps.farm.createSite(input.domain, ownerJson(input.ownerName, input.ownerId), step.signal)
  } catch (error) {
    if (!mayHaveReached(step) || !(error instanceof FarmError) || error.status !== 409) throw error
    await adoptAfterConflict(deps, input, step)
  }
}

/** Whether an earlier attempt in this life may have asked the farm to make the site. */
function mayHaveReached({ ledger }: { readonly ledger: LedgerRow | undefined }): boolean {
  return ledger?.state === 'reached' || ledger?.state === 'made'
}

async function adoptAfterConflict(deps: FedWikiDeps, input: CreateSiteInput, step: Step): Promise<void> {
  const site = await deps.farm.getSite(input.domain, step.signal)
  // A folder that the farm does not count as a site, yet will not make one in: whose it is cannot be known.
  if (site === undefined) throw await siteUnknown(deps.store, input.domain)
  await adopt(deps, input, step, site)
}

/** The site there, if it is the one that an earlier attempt of this task made. */
async function adopt(deps: FedWikiDeps, input: CreateSiteInput, step: Step, site: Site): Promise<void> {
  if (site.owner.sub === input.ownerId) return
  if (!site.ownerless) throw new FarmError(409)
  // The farm stopped between making the folder and writing the owner. The name was free before our first attempt and
  // the claim kept everybody else away, so an empty, ownerless folder is ours to make again.
  if (site.pages > 0) throw await siteUnknown(deps.store, input.domain)
  await deps.farm.removeSite(input.domain, step.signal)
  await deps.farm.createSite(input.domain, ownerJson(input.ownerName, input.ownerId), step.signal)
}

/**
 * A farm without our security package keeps the former owner in memory: after delete and re-create they could still
 * write. So a name goes to another owner only where owner.json is known to be read anew.
 */
async function refuseHeldName(deps: FedWikiDeps, domain: string, { task, signal }: Step): Promise<void> {
  const former = await deps.store.wikis.tombstone('fedwiki', domain)
  if (former === undefined || former.owner_id === task.user_id) return
  if ((await deps.farm.capabilities(signal)).rereadsOwner) return
  throw new Refusal(
    'name_held',
    `${domain} had another owner, whom this farm may still let in. Please choose a different name.`,
    { domain },
  )
}
