import { eventually } from '@wikistead/test/eventually'
import { startStack } from '@wikistead/test/stack'
import { expect, test } from 'vitest'
import { readStream } from '../../test/event-stream.ts'
import { endTask, newTask, storedLog, writeLines } from '../../test/task-log.ts'

test('1,000 clients come at once, as after a restart, and each gets the whole log of one task', async () => {
  await using stack = await startStack({ farmUrl: 'http://127.0.0.1:9', run: ['api'] })
  const { store, url, token } = stack
  const taskId = 'a-popular-task'
  const streams = async () => {
    const { body } = await stack.call<{ text: string }>('GET', '/metrics')
    return Number(/^wikistead_open_streams (\d+)$/m.exec(body.text)?.[1])
  }
  await newTask(store, taskId, 1)
  await writeLines(store, taskId, ['before they come'])
  const clients = Promise.all(Array.from({ length: 1_000 }, () => readStream({ url, token, taskId })))
  await eventually(async () => expect(await streams()).toBe(1_000))
  for (let at = 0; at < 20; at += 1) await writeLines(store, taskId, [`line ${String(at)}`])
  await endTask(store, taskId)
  const all = JSON.stringify(await storedLog(store, taskId))
  for (const { frames, end } of await clients) {
    expect(end).toBe('ended')
    expect(JSON.stringify(frames) === all).toBe(true)
  }
  await eventually(async () => expect(await streams()).toBe(0))
})
