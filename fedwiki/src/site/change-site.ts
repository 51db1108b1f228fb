import { Refusal, type Serving } from '@wikistead/contracts'
import { runStep } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'
import { leftNothingOnFarm } from '../farm/farm-error.ts'
import type { SiteInput } from './delete-site.ts'
import type { Site } from '../farm/farm-manager-answers.ts'
import { ownerJson, type SiteOwner } from './owner.ts'
import { requireWiki } from './task-wiki.ts'

export interface SiteChanges {
  readonly serving?: Serving
  /** The new owner; their `subject` is the OIDC `sub`. */
  readonly owner?: { readonly userId: number; readonly name: string; readonly subject: string }
}

/** What ChangeFedWikiSiteWorkflow takes. */
export type ChangeSiteInput = Omit<SiteInput, 'run'> & SiteChanges

export const changeStep = 'change_site'

/** Makes the site serve otherwise, or belong to another; each is read back. @throws Refusal `owner_change_unsupported` */
export function changeSite(deps: FedWikiDeps) {
  return async ({ domain, run, serving, owner }: SiteInput & SiteChanges): Promise<void> => {
    const { farm } = deps
    let former: SiteOwner | undefined
    let given = false
    await runStep<void>(
      deps,
      {
        ...{ run, phase: 'change_site', from: 20, message: 'Changing the site on the farm.' },
        async look({ signal }) {
          former = requireSite(await farm.getSite(domain, signal), domain).owner
        },
        ledger: {
          step: changeStep,
          detail: () => ({ domain, ...(owner !== undefined && { former }) }),
          leftNothing: (error) => !given && leftNothingOnFarm(error),
        },
        recall: () => Promise.resolve(),
      },
      async ({ signal }) => {
        if (owner !== undefined) {
          const json = ownerJson(owner.name, owner.subject)
          requireSite(await farm.replaceOwner(domain, json, signal), domain)
          given = true
        }
        if (serving !== undefined) requireSite(await farm.setServing(domain, serving, signal), domain)
      },
      async (scope, _, task) => {
        const wikiId = requireWiki(task)
        await scope.wikis.change(wikiId, {
          status: 'active',
          ...(serving !== undefined && { serving }),
          ...(owner !== undefined && {
            ...{ owner_id: owner.userId, owner_name: owner.name, owner_subject: owner.subject },
          }),
        })
        await scope.wikis.letGo(wikiId, task.task_id)
        await scope.ledger.settle(task.task_id, changeStep, 'made')
        return { type: 'status', status: 'succeeded', wiki_id: wikiId, message: `${domain} is changed.` }
      },
    )
  }
}

function requireSite(site: Site | undefined, domain: string): Site {
  if (site !== undefined) return site
  throw new Refusal('wiki_not_found', `The farm no longer has ${domain}.`, { domain })
}
