import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker'
import { Refusal } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'

type Asked = Pick<
  Parameters<ActivityInterceptorsFactory>[0]['info'],
  'activityType' | 'workflowType' | 'workflowExecution'
>

/**
 * What a task is to do stands in its row, and is read there: whoever can speak to Temporal could start a workflow with an
 * input of their own, and gets by it nothing that was not admitted. What else a workflow hands to its activities is no right.
 */
export class StoredInputInterceptor implements ActivityInboundCallsInterceptor {
  readonly #store: Store
  readonly #asked: Asked

  constructor(store: Store, asked: Asked) {
    this.#store = store
    this.#asked = asked
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const { activityType, workflowType, workflowExecution } = this.#asked
    if (ofNoInput.has(activityType)) return next(input)
    const task = await this.#store.tasks.find(workflowExecution?.workflowId ?? '')
    if (task === undefined && admitting.has(activityType)) return next(input)
    if (task === undefined || task.workflow_type !== workflowType) {
      throw new Refusal('task_not_found', 'Nobody has admitted this task.')
    }
    const stored = JSON.parse(task.input) as Readonly<Record<string, unknown>>
    // All that the workflow adds is the life that the task is in, which its row fences.
    const { run } = (input.args[0] ?? {}) as { readonly run?: number }
    return next({ ...input, args: [{ ...stored, run }] })
  }
}

/**
 * They admit what nobody has admitted before: a sync by the schedule, for whom the store says, and a site that was asked for by
 * Temporal's own means, for its owner.
 */
const admitting: ReadonlySet<string> = new Set(['CheckQuotaActivity', 'ListFedWikiSitesActivity'])

/** Of bookkeeping and of undoing, which read the task's row and ledger themselves; and what the store knows of by a key. */
const ofNoInput: ReadonlySet<string> = new Set([
  'AskForHostActivity',
  'CloseTaskActivity',
  'FinishMediaWikiRollbackActivity',
  'FinishRollbackActivity',
  'OfferFirstSignInActivity',
  'RollbackFedWikiTaskActivity',
  'RollbackMediaWikiTaskActivity',
  'WikiReadersActivity',
])
