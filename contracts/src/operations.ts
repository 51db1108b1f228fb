/**
 * Every operation, once: what a task of a kind does to a wiki of an engine. Admission, closing, retry, the sweeper, the
 * console's timeline and docs/tasks.md read this table; nothing else says from where a wiki may go whither. Zod-free.
 */
import type { Lane } from './lanes.ts'
import type { Engine, Phase, TaskKind, WikiStatus } from './states.ts'

export interface Operation {
  /** The workflow's type. */
  readonly workflow: string
  /** What its first event says. */
  readonly begins: (address: string) => string
  /** In which of these a wiki must be; a retry without a word of its own takes the first. None: it makes its wiki, or has none. */
  readonly from: readonly WikiStatus[]
  /** The wiki's status while the task is at work, and while what it left is not yet taken back. */
  readonly meanwhile?: WikiStatus
  /** The wiki's status when it succeeds, at most; a wiki that turns out to be gone is `deleted` however the task ends. */
  readonly succeeded?: WikiStatus
  /** The wiki's status when it failed and all is undone; `as_before`: put away while it has an undo window, else active. */
  readonly failed?: WikiStatus | 'as_before'
  /** Where it waits for its turn; none: it never waits, for there is one at a time as it is. */
  readonly lane?: Lane
  /** Its work is on the wiki's own host, and waits for it. */
  readonly onHost: boolean
  /**
   * The last moment at which it can be taken back. `end`: once the phase has ended, what was made stays, whatever becomes
   * of the task. `begin`: once the phase has begun, undoing means ending what was begun.
   */
  readonly pointOfNoReturn: { readonly at: 'begin' | 'end'; readonly of: Phase }
  /** The phases that a person expects of it, in order; what some farms only do is not among them. */
  readonly phases: readonly Phase[]
}

/**
 * What follows an operator's decision waits in no line, and leaves the wiki in whichever status it was: a suspension is
 * beside that, in the row. It is never taken back but by another decision.
 */
const suspendable = ['active', 'archived'] as const satisfies readonly WikiStatus[]

const operations = {
  fedwiki: {
    create_wiki: {
      lane: 'create',
      workflow: 'CreateFedWikiSiteWorkflow',
      begins: (domain) => `Creating ${domain}.`,
      ...{ from: [], meanwhile: 'creating', succeeded: 'active', failed: 'failed', onHost: false },
      pointOfNoReturn: { at: 'end', of: 'create_site' },
      phases: ['check_quota', 'create_site'],
    },
    delete_wiki: {
      lane: 'delete',
      workflow: 'DeleteFedWikiSiteWorkflow',
      begins: (domain) => `Deleting ${domain}.`,
      ...{ from: ['active'], meanwhile: 'deleting', succeeded: 'archived', failed: 'active', onHost: false },
      pointOfNoReturn: { at: 'end', of: 'delete_site' },
      phases: ['delete_site'],
    },
    restore_wiki: {
      lane: 'change',
      workflow: 'RestoreFedWikiSiteWorkflow',
      begins: (domain) => `Bringing ${domain} back.`,
      ...{
        from: ['archived'],
        meanwhile: 'restoring',
        succeeded: 'active',
        failed: 'archived',
        onHost: false,
      },
      pointOfNoReturn: { at: 'end', of: 'restore_site' },
      phases: ['restore_site'],
    },
    purge_wiki: {
      lane: 'delete',
      workflow: 'PurgeFedWikiSiteWorkflow',
      begins: (domain) => `Removing ${domain} for good.`,
      ...{ from: ['archived', 'active'], meanwhile: 'purging', succeeded: 'deleted', failed: 'as_before' },
      onHost: false,
      pointOfNoReturn: { at: 'begin', of: 'purge_site' },
      phases: ['purge_site'],
    },
    change_wiki: {
      lane: 'change',
      workflow: 'ChangeFedWikiSiteWorkflow',
      begins: (domain) => `Changing ${domain}.`,
      ...{ from: ['active'], meanwhile: 'changing', succeeded: 'active', failed: 'active', onHost: false },
      pointOfNoReturn: { at: 'end', of: 'change_site' },
      phases: ['change_site'],
    },
    suspend_wiki: {
      workflow: 'SuspendFedWikiSiteWorkflow',
      begins: (domain) => `Suspending ${domain}.`,
      ...{ from: suspendable, onHost: false },
      pointOfNoReturn: { at: 'end', of: 'suspend_wiki' },
      phases: ['suspend_wiki'],
    },
    lift_suspension: {
      workflow: 'LiftFedWikiSuspensionWorkflow',
      begins: (domain) => `Lifting the suspension of ${domain}.`,
      ...{ from: suspendable, onHost: false },
      pointOfNoReturn: { at: 'end', of: 'lift_suspension' },
      phases: ['lift_suspension'],
    },
    sync_sites: {
      workflow: 'SyncFedWikiSitesWorkflow',
      begins: () => 'Syncing with the farm.',
      ...{ from: [], onHost: false },
      // What it compares is our own rows, each of them in a transaction of its own: there is nothing to take back.
      pointOfNoReturn: { at: 'begin', of: 'sync_sites' },
      phases: ['list_sites', 'sync_sites'],
    },
  },
  mediawiki: {
    create_wiki: {
      lane: 'create',
      workflow: 'CreateMediaWikiWorkflow',
      begins: (slug) => `Creating ${slug}.`,
      ...{ from: [], meanwhile: 'creating', succeeded: 'active', failed: 'failed', onHost: true },
      // From here on members use it.
      pointOfNoReturn: { at: 'end', of: 'flip_bootstrap' },
      phases: [
        'dir_copy',
        'render_ini',
        'db_provision',
        'oauth',
        'docker_install',
        'flip_bootstrap',
        'index',
      ],
    },
    delete_wiki: {
      lane: 'delete',
      workflow: 'DeleteMediaWikiWorkflow',
      begins: (slug) => `Deleting ${slug}.`,
      ...{ from: ['active'], meanwhile: 'deleting', succeeded: 'archived', failed: 'active', onHost: true },
      pointOfNoReturn: { at: 'end', of: 'archive_wiki' },
      phases: ['archive_wiki'],
    },
    restore_wiki: {
      lane: 'change',
      workflow: 'RestoreMediaWikiWorkflow',
      begins: (slug) => `Bringing ${slug} back.`,
      ...{
        from: ['archived'],
        meanwhile: 'restoring',
        succeeded: 'active',
        failed: 'archived',
        onHost: true,
      },
      pointOfNoReturn: { at: 'end', of: 'restore_wiki' },
      phases: ['restore_wiki'],
    },
    purge_wiki: {
      lane: 'delete',
      workflow: 'PurgeMediaWikiWorkflow',
      begins: (slug) => `Removing ${slug} for good.`,
      ...{ from: ['archived', 'active'], meanwhile: 'purging', succeeded: 'deleted', failed: 'as_before' },
      onHost: true,
      pointOfNoReturn: { at: 'begin', of: 'purge_wiki' },
      phases: ['purge_wiki'],
    },
    change_wiki: {
      lane: 'change',
      workflow: 'ChangeMediaWikiWorkflow',
      begins: (slug) => `Changing ${slug}.`,
      ...{ from: ['active'], meanwhile: 'changing', succeeded: 'active', failed: 'active', onHost: true },
      // Of its two phases either may be the last; the end of the task is what counts.
      pointOfNoReturn: { at: 'end', of: 'change_settings' },
      phases: [],
    },
    suspend_wiki: {
      workflow: 'SuspendMediaWikiWorkflow',
      begins: (slug) => `Suspending ${slug}.`,
      ...{ from: suspendable, onHost: true },
      pointOfNoReturn: { at: 'end', of: 'suspend_wiki' },
      phases: ['suspend_wiki'],
    },
    lift_suspension: {
      workflow: 'LiftMediaWikiSuspensionWorkflow',
      begins: (slug) => `Lifting the suspension of ${slug}.`,
      ...{ from: suspendable, onHost: true },
      pointOfNoReturn: { at: 'end', of: 'lift_suspension' },
      phases: ['lift_suspension'],
    },
    reindex_wiki: {
      lane: 'change',
      workflow: 'ReindexMediaWikiWorkflow',
      begins: (slug) => `Indexing ${slug} again.`,
      ...{ from: ['active'], meanwhile: 'changing', succeeded: 'active', failed: 'active', onHost: true },
      // Its pages are found under the old names until they are all found under the new.
      pointOfNoReturn: { at: 'end', of: 'index' },
      phases: ['index'],
    },
  },
} as const satisfies Record<Engine, Partial<Record<TaskKind, Operation>>>

/** @throws RangeError for a kind of task that the engine does not have */
export function operationOf(kind: TaskKind, engine: Engine): Operation {
  const ofEngine: Partial<Record<TaskKind, Operation>> = operations[engine]
  const operation = ofEngine[kind]
  if (operation === undefined) throw new RangeError(`there is no ${kind} of ${engine}`)
  return operation
}

/** All of them, in the table's order. */
export const everyOperation: readonly (Operation & { readonly engine: Engine; readonly kind: TaskKind })[] =
  Object.entries(operations).flatMap(([engine, ofEngine]) =>
    Object.entries(ofEngine as Partial<Record<TaskKind, Operation>>).map(([kind, operation]) => ({
      ...operation,
      engine: engine as Engine,
      kind: kind as TaskKind,
    })),
  )

/** What tries a rollback that was left incomplete again, by engine. */
export const rollbackWorkflows = {
  fedwiki: 'FinishRollbackWorkflow',
  mediawiki: 'FinishMediaWikiRollbackWorkflow',
} as const satisfies Record<Engine, string>
