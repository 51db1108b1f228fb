import { eventually } from '@wikistead/test/eventually'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { domain, failure, scripted, signal } from '../../test/scripted-client.ts'
import { answer } from '../../test/scripted-farm.ts'

let started: AsyncDisposableStack
beforeEach(() => void (started = new AsyncDisposableStack()))
afterEach(() => started.disposeAsync())

const noSite = answer(404, { error: 'Site not found' })
const done = answer(200, { status: 'ok', message: 'Done.' })

describe('changes at once on a scripted farm', () => {
  test('wait for each other when they are of one domain, and only then', async () => {
    const underWay: string[] = []
    let most = 0
    const waiting: (() => void)[] = []
    const { client } = await scripted(started, (request, response) => {
      if (request.method === 'GET') return noSite(request, response)
      underWay.push(request.url)
      most = Math.max(most, underWay.filter((url) => url.includes('/one.')).length)
      waiting.push(() => {
        underWay.splice(underWay.indexOf(request.url), 1)
        done(request, response)
      })
    })
    const ones = Array.from({ length: 5 }, () => client.removeSite('one.wiki.test', signal))
    const other = client.removeSite('other.wiki.test', signal)
    await eventually(() => expect(waiting.length).toBe(2))
    let left = 6
    while (left > 0) {
      await eventually(() => expect(waiting.length).toBeGreaterThan(0))
      waiting.shift()?.()
      left--
    }
    await expect(Promise.all([...ones, other])).resolves.toEqual(Array(6).fill('removed'))
    expect(most).toBe(1)
  })

  test('let one leave the queue without letting the next past the first', async () => {
    const waiting: (() => void)[] = []
    const { farm, client } = await scripted(started, (request, response) => {
      if (request.method === 'GET') noSite(request, response)
      else waiting.push(() => done(request, response))
    })
    const leaving = new AbortController()
    const first = client.removeSite(domain, signal)
    const second = failure(client.removeSite(domain, leaving.signal))
    const third = client.removeSite(domain, signal)
    await eventually(() => expect(waiting.length).toBe(1))
    leaving.abort(new Error('enough'))
    expect(await second).toEqual(new Error('enough'))
    expect(farm.received.length).toBe(1)
    waiting.shift()?.()
    await expect(first).resolves.toBe('removed')
    await eventually(() => expect(waiting.length).toBe(1))
    waiting.shift()?.()
    await expect(third).resolves.toBe('removed')
  })
})
