import { Context } from '@temporalio/activity'
import { Refusal, resolveDomain, type CreateFedWikiSiteWorkflowInput } from '@wikistead/contracts'
import { admitCreate } from '@wikistead/tasks'
import { runStep, type Life } from '@wikistead/tasks/step'
import type { FedWikiDeps } from '../activity-deps.ts'

export type CreateSiteInput = CreateFedWikiSiteWorkflowInput & Life

/**
 * Verifies that the task holds its name and its place in the quota. The API took both in one transaction before the
 * workflow began; a workflow that somebody started without the API takes them here, by the same rules.
 *
 * @throws Refusal `quota_reached`, `name_taken`, `invalid_domain`, `name_reserved`, `identity_needed`, `domain_unproven`
 */
export function checkQuota(deps: FedWikiDeps) {
  return async (input: CreateSiteInput): Promise<void> => {
    const { store, rules, siteLimit } = deps
    const taskId = Context.current().info.workflowExecution?.workflowId ?? ''
    const domain = resolveDomain(input.domain, input.isCustomDomain, rules)
    if ((await store.tasks.find(taskId)) === undefined) {
      await requireOwn(store, input)
      if (input.isCustomDomain) await requireProven(deps, domain, input.userId)
      await admitCreate(store, {
        ...{ taskId, domain, siteLimit, name: domain },
        ...{ userId: input.userId, isCustomDomain: input.isCustomDomain },
        ...{ ownerName: input.ownerName, ownerId: input.ownerId, supportUrl: input.supportUrl },
      })
    }
    await runStep(
      deps,
      {
        run: input.run,
        phase: 'check_quota',
        from: 5,
        message: 'Checking your quota.',
        atOnce: true,
        recall: () => Promise.resolve(),
      },
      async ({ task }) => {
        const wiki = task.wiki_id === null ? undefined : await store.wikis.find(task.wiki_id)
        if (wiki?.claim === domain && wiki.task_id === taskId) return
        throw new Refusal('name_taken', `The claim of this task on ${domain} is gone.`)
      },
      () =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 15, phase: 'check_quota' },
          message: `${domain} is yours.`,
        }),
    )
  }
}

/** The API asks for it before it admits anything. */
async function requireProven({ proveControl }: FedWikiDeps, domain: string, userId: number): Promise<void> {
  if (proveControl !== undefined) return proveControl(domain, userId)
  throw new Refusal('domain_unproven', 'A site under a domain of your own is asked for at the API.')
}

/** Nobody has admitted it, so it may give the site to nobody but the user in whose name it is asked for. */
async function requireOwn(
  { users }: FedWikiDeps['store'],
  { userId, ownerId }: CreateSiteInput,
): Promise<void> {
  const identities = ownerId === '' ? [] : await users.identities(userId)
  if (identities.some(({ subject }) => subject === ownerId)) return
  throw new Refusal(
    'identity_needed',
    'A site needs an owner who can sign in: the user in whose name it is asked for.',
  )
}
