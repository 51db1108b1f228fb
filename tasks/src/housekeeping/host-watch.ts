/**
 * A host without a worker shows: in an alarm, and in the events of every task that waits for it. The tasks themselves
 * end by their own patience, those that wait for their turn here.
 */
import { mediaWikiSentences } from '@wikistead/contracts'
import type { Store, TaskRow } from '@wikistead/store'
import { closeTask } from '../closing/close-task.ts'
import { patienceOf } from '../step/patience.ts'
import { hasHadItsTurn } from '../temporal/workflow-runs.ts'

/** A host says every few seconds that it is alive; one that is silent for longer than `silentMs` counts as away. */
export async function watchHosts(store: Store, silentMs = 20_000): Promise<void> {
  const hosts = await store.hosts.list()
  const away = hosts.filter((host) => host.silentMs > silentMs)
  const open = await store.alarms.open('host_away')
  for (const { subject } of open) {
    if (!away.some(({ host }) => host === subject)) await store.alarms.clear('host_away', subject)
  }
  for (const { host, seen_at: seenAt, silentMs: silentFor, wikis } of away) {
    const waiting = await store.tasks.openOnHost(host)
    // An empty host that nobody needs may stay away.
    if (waiting.length === 0 && wikis === 0) {
      await store.alarms.clear('host_away', host)
      continue
    }
    const since = new Date(seenAt).toISOString()
    await store.alarms.raise({
      ...{ code: 'host_away', subject: host },
      message: `Host ${host} has not been heard of since ${since}. It holds ${String(wikis)} wikis, and ${String(waiting.length)} tasks wait for it.`,
      mend: `Start \`wikistead worker --host ${host}\` there again; its first sign of life clears this.`,
    })
    for (const task of waiting) {
      // What has not had its turn has no workflow whose patience could end.
      if (!hasHadItsTurn(task) && silentFor > (patienceOf(task) ?? 0)) await closeUnbegun(store, task)
      else await tellWaiting(store, task, host, seenAt)
    }
  }
}

async function closeUnbegun(store: Store, { task_id: taskId, run }: TaskRow): Promise<void> {
  const away = { code: 'host_away', message: mediaWikiSentences.host_away } as const
  await store.transaction(async (scope) => {
    // It may have had its turn since it was read.
    if (!hasHadItsTurn(await scope.tasks.hold(taskId))) await closeTask(scope, { taskId, run }, away)
  })
}

async function tellWaiting(store: Store, task: TaskRow, host: string, seenAt: number): Promise<void> {
  const { task_id: taskId, run, progress, phase, status } = task
  const dedupeKey = `${String(run)}/host_away/${String(seenAt)}`
  if (await store.tasks.hasEvent(taskId, dedupeKey)) return
  await store
    .transaction((scope) =>
      scope.tasks.append({
        ...{ taskId, run, dedupeKey },
        event: {
          ...{ type: 'progress', status: status === 'queued' ? status : 'running', progress },
          ...(phase !== null && { phase }),
          message: `Waiting for host ${host}, which does not answer. Nothing is lost; this goes on when it is back.`,
        },
      }),
    )
    // It has ended meanwhile.
    .catch(() => undefined)
}
