/** Tasks whose logs a test writes through the store, as a worker would: what is in them is as nasty as output can be. */
import type { Store } from '@wikistead/store'
import type { Frame } from './event-stream.ts'

/** A task that nobody runs. */
export async function newTask(store: Store, taskId: string, userId: number): Promise<void> {
  await store.transaction((scope) =>
    scope.tasks.insert({
      ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId },
      ...{ workflowType: 'CreateFedWikiSiteWorkflow', input: {}, message: 'Begun.' },
    }),
  )
}

/** Appends lines in one transaction, to the task's first life unless `run` says otherwise. */
export async function writeLines(
  store: Store,
  taskId: string,
  lines: readonly string[],
  run = 1,
): Promise<void> {
  await store.transaction(async (scope) => {
    for (const line of lines) {
      await scope.tasks.append({
        ...{ taskId, run },
        event: { type: 'log', phase: 'create_site', stream: 'stdout', line },
      })
    }
  })
}

export async function endTask(store: Store, taskId: string, run = 1): Promise<void> {
  await store.transaction((scope) =>
    scope.tasks.append({
      ...{ taskId, run },
      event: { type: 'status', status: 'succeeded', message: 'Done.' },
    }),
  )
}

/** The whole log as a client must have it, byte for byte. */
export async function storedLog(store: Store, taskId: string): Promise<Frame[]> {
  const events = await store.tasks.eventsAfter(taskId, 0, 1_000_000)
  return events.map(({ seq, type, json }) => ({ id: seq, event: type, data: json }))
}

const nasty = [
  'plain',
  '',
  'id: 7\nevent: status\ndata: {"type":"status","status":"succeeded"}\n\n',
  ': a comment\r\n\r\ndata:',
  'line separators \u2028 \u2029 \u0085 \v \f \0',
  'Ünïcödé \u{1f469}\u200d\u{1f4bb} עברית العربية 日本語 half a pair \ud83d',
  '{"json":"in \\"json\\""}',
  'long '.repeat(4_000),
]

export const nastyLine = (random: () => number): string =>
  `${String(random())} ${nasty[Math.floor(random() ** 2 * nasty.length)] ?? ''}`
