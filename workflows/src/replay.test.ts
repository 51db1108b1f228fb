/** Workflows that began before a change of the code must go on after it: every recorded history is replayed by today's. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporal } from '@temporalio/proto'
import { DefaultLogger, Runtime, Worker, type ReplayResult } from '@temporalio/worker'
import type {} from '@wikistead/test/provided'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

/** A folder a release, and `next`: what installations that are upgraded to this code may be running. */
const folder = join(import.meta.dirname, '../histories')
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort()

async function* recorded(only: readonly string[] = names) {
  for (const name of only) {
    const json: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'))
    const history = temporal.api.history.v1.History.fromObject(json as Record<string, unknown>)
    yield { workflowId: name, history }
  }
}

async function replay(codePath: string, only?: readonly string[]): Promise<ReplayResult[]> {
  const results: ReplayResult[] = []
  const replayed = Worker.runReplayHistories({ workflowBundle: { codePath } }, recorded(only))
  for await (const result of replayed) results.push(result)
  return results
}

let scratch: string
beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'OFF' } },
  })
  scratch = await mkdtemp(join(tmpdir(), 'wikistead-replay-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Today's bundle with one change, as a careless hand could make it. */
async function changed(from: RegExp, to: string): Promise<string> {
  const code = await readFile(inject('workflowBundlePath'), 'utf8')
  expect(code).toMatch(from)
  const path = join(scratch, 'changed.js')
  await writeFile(path, code.replaceAll(from, to))
  return path
}

test('every recorded history is replayed by the workflows of today', async () => {
  expect(names.length).toBeGreaterThan(20)
  const results = await replay(inject('workflowBundlePath'))
  expect(results.map(({ workflowId, error }) => [workflowId, error])).toEqual(
    names.map((name) => [name, undefined]),
  )
})

test('every workflow has a recorded history', async () => {
  const types = new Set<string>()
  for await (const { history } of recorded()) {
    types.add(history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '')
  }
  expect([...types].sort()).toEqual(Object.keys(await import('./index.ts')).sort())
})

test('a renamed activity is caught', async () => {
  const results = await replay(await changed(/CreateFedWikiSiteActivity/g, 'MakeFedWikiSiteActivity'), [
    '1/create.json',
    '1/delete.json',
  ])
  expect(results.map(({ error }) => error?.name)).toEqual(['DeterminismViolationError', undefined])
})

test('an activity that is left out is caught', async () => {
  const without = await changed(
    /_fedwiki_activities\w{0,40}\.local\.CheckQuotaActivity\(/g,
    'Promise.resolve(',
  )
  const [result] = await replay(without, ['1/create.json'])
  expect(result?.error?.name).toBe('DeterminismViolationError')
})
