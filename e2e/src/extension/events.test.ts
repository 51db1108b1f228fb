/** Events through the proxy: as they come, from where one was, and with far more watchers than PHP has workers. */
import { Agent, get, type IncomingMessage } from 'node:http'
import type { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rest, startHubWorld, type HubWorld } from '../../test/hub-world.ts'

const workers = 4
const started = new AsyncDisposableStack()
let farm: HubWorld
let ada: Visitor
let userId: number
beforeAll(async () => {
  // Those who ask for it may follow for as long as they like: then they are in the way of others, if they can be.
  const seconds = "str_contains( $_SERVER['QUERY_STRING'] ?? '', 'long' ) ? 3600 : 1"
  farm = started.use(await startHubWorld({ farmSettings: `$wgWikiFarmStreamSeconds = ${seconds};` }))
  ada = await farm.member('Ada')
  await rest(ada, farm.hub, 'GET', '/users/me/wikis')
  const account = await farm.world.sql("SELECT user_id FROM hub.user WHERE user_name = 'Ada'")
  const hubUrl = `http://${farm.hub}`
  const user = await farm.world.stack.store.users.byIdentity(hubUrl, String(account[0]?.['user_id']))
  userId = user?.user_id ?? 0
})
afterAll(() => started.disposeAsync())

let count = 0
/** A task of hers that nobody works on: its events are written here. */
async function openTask(): Promise<string> {
  const taskId = `watched-${String((count += 1))}`
  await farm.world.stack.store.transaction(({ tasks }) =>
    tasks.insert({
      ...{ taskId, kind: 'sync_sites', engine: 'fedwiki', wikiId: null, userId, message: 'Begun.' },
      ...{ workflowType: 'SyncFedWikiSitesWorkflow', input: {} },
    }),
  )
  return taskId
}

const append = (taskId: string, message: string) =>
  farm.world.stack.store.transaction(async ({ tasks }) => {
    await tasks.append({
      taskId,
      run: 1,
      event: { type: 'progress', status: 'running', progress: 1, message },
    })
  })
const end = (taskId: string) =>
  farm.world.stack.store.transaction(async ({ tasks }) => {
    await tasks.append({ taskId, run: 1, event: { type: 'status', status: 'succeeded', message: 'Done.' } })
  })

interface Watching {
  readonly answer: IncomingMessage
  /** What has come so far. */
  text(): string
  /** Resolves when the text holds it. */
  until(part: string): Promise<void>
  readonly ended: Promise<void>
  leave(): void
}

async function watch(taskId: string, lastEventId?: string, query = ''): Promise<Watching> {
  const cookie = await ada.cookies(farm.hub)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = get(
    {
      ...{ host: '127.0.0.1', port: farm.port, agent: new Agent() },
      path: `/rest.php/wikifarm/v1/tasks/${taskId}/events${query}`,
      headers: { host: farm.hub, cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    },
    resolve,
  )
  request.on('error', reject)
  const answer = await promise
  let text = ''
  let told = Promise.withResolvers<undefined>()
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    told.resolve(undefined)
    told = Promise.withResolvers()
  })
  const ended = new Promise<void>((over) => answer.once('close', over))
  return {
    ...{ answer, ended, text: () => text },
    async until(part) {
      while (!text.includes(part)) {
        const over = await Promise.race([told.promise, ended.then(() => true)])
        if (over === true && !text.includes(part)) throw new Error(`ended without ${part}: ${text}`)
      }
    },
    leave: () => request.destroy(),
  }
}

test('an event leaves PHP when it comes, not when the stream ends', async () => {
  const taskId = await openTask()
  const watching = await watch(taskId, '0', '?long')
  await watching.until('"message":"Begun."')
  await append(taskId, 'First.')
  await watching.until('"message":"First."')
  await append(taskId, 'Second: 百科.')
  await watching.until('"message":"Second: 百科."')
  expect(watching.answer.complete).toBe(false)
  expect(watching.answer.headers).not.toHaveProperty('content-length')
  await end(taskId)
  await watching.ended
  expect(watching.text()).toMatch(/event: status\ndata: .*"message":"Done\.".*\n\n$/)
})

test('who comes back with their last id gets what they missed, once', async () => {
  const taskId = await openTask()
  await append(taskId, 'Two.')
  const watching = await watch(taskId)
  await watching.until('"message":"Two."')
  watching.leave()
  await append(taskId, 'Three.')
  await end(taskId)
  const again = await watch(taskId, '2')
  await again.ended
  const ids = [...again.text().matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)
  expect(ids).toEqual(['3', '4'])
  const nonsense = await watch(taskId, 'x; y')
  await nonsense.ended
  expect(nonsense.text()).toContain('id: 1\n')
})

test('a stream is over in time, says when to come back, and nothing is lost between', async () => {
  const taskId = await openTask()
  const seen: number[] = []
  let parts = 0
  const writing = (async () => {
    for (let n = 0; n < 40; n += 1) await append(taskId, `Number ${String(n)}.`)
    await end(taskId)
  })()
  for (let last = '0'; ; parts += 1) {
    const watching = await watch(taskId, last)
    if (parts % 3 === 2) {
      await watching.until('\n\n')
      watching.leave()
    }
    await watching.ended
    const text = watching.text()
    if (parts % 3 !== 2) expect(text).toMatch(/^retry: \d+\n\n/)
    // What was cut in the middle does not count.
    const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
    for (const [, id] of whole.matchAll(/^id: (\d+)$/gm)) seen.push(Number(id))
    last = String(seen.at(-1) ?? 0)
    if (whole.includes('event: status')) break
  }
  await writing
  expect(seen).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
})

test('with ten times as many watchers as workers, every page view is answered', async () => {
  const taskId = await openTask()
  let over = false
  let streams = 0
  const watchers = Array.from({ length: workers * 10 }, async () => {
    let last = '0'
    while (!over) {
      const watching = await watch(taskId, last, '?long')
      expect(watching.answer.statusCode).toBe(200)
      await watching.ended
      streams += 1
      const text = watching.text()
      last = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? last
      if (text.includes('event: status')) return
      const retry = /^retry: (\d+)$/m.exec(text)?.[1]
      await new Promise((resolve) => setTimeout(resolve, Number(retry)))
    }
  })
  const reader = farm.visitor()
  const answered: number[] = []
  for (let view = 0; view < 20; view += 1) {
    const page = await reader.get(farm.hub, '/wiki/Special:WikiFarm')
    answered.push(page.status)
    await append(taskId, `View ${String(view)}.`)
  }
  expect(answered).toEqual(Array.from({ length: 20 }, () => 200))
  await end(taskId)
  await Promise.all(watchers)
  over = true
  // They all heard of the end, and none of them needed a worker to themselves.
  expect(streams).toBeGreaterThanOrEqual(workers * 10)
})

test('who leaves gives their worker back', async () => {
  const taskId = await openTask()
  for (let turn = 0; turn < workers * 3; turn += 1) {
    const watching = await watch(taskId)
    await watching.until('"message":"Begun."')
    watching.leave()
  }
  expect((await farm.visitor().get(farm.hub, '/wiki/Special:WikiFarm')).status).toBe(200)
  const last = await watch(taskId)
  await last.until('"message":"Begun."')
  await end(taskId)
  last.leave()
})
