/** Machines whose clocks are wrong, over one MariaDB: real processes under libfaketime. */
import { eventually } from '@wikistead/test/eventually'
import { freshStore } from '@wikistead/test/stores'
import { runUnderClock } from '@wikistead/test/wrong-clock'
import { expect, test, vi } from 'vitest'
import type { StoreConfig } from '../store.ts'

const hour = 3_600

/** Opens the store there and does `act` with it; what `act` evaluates to. */
async function elsewhere(by: number, config: StoreConfig, act: string): Promise<unknown> {
  const program = `
    import { openStore } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
    await using store = await openStore(${JSON.stringify(config)})
    const result = await (${act})
    process.stdout.write(JSON.stringify({ result, clock: Date.now() }))`
  const { result, clock } = JSON.parse(await runUnderClock(by, program)) as {
    readonly result?: unknown
    readonly clock: number
  }
  // Its clock is as wrong as it was meant to be.
  expect(Math.abs(clock - Date.now() - by * 1_000)).toBeLessThan(20_000)
  return result
}

test('a host whose clock is 40 s behind is not silent, and one an hour ahead is once it is', async () => {
  await using fresh = await freshStore('mariadb')
  const { store, config } = fresh
  const silence = async () =>
    Object.fromEntries((await store.hosts.list()).map(({ host, silentMs }) => [host, silentMs]))
  await elsewhere(hour, config, `store.hosts.beat('ahead', null)`)
  await elsewhere(-40, config, `store.hosts.beat('behind', null)`)
  const { ahead = 0, behind = 0 } = await silence()
  expect(behind).toBeLessThan(ahead)
  expect(behind).toBeLessThan(20_000)
  // Nothing more is heard of the one that is ahead; by name and by its wikis it would be the first.
  const aliveMs = ahead
  await eventually(async () => expect((await silence())['ahead']).toBeGreaterThan(aliveMs))
  await elsewhere(-40, config, `store.hosts.beat('behind', null)`)
  const place = await store.transaction((scope) => scope.hosts.place(aliveMs))
  expect(place?.host).toBe('behind')
})

test('a machine an hour ahead or behind writes and reads the times of all', async () => {
  await using fresh = await freshStore('mariadb')
  const { store, config } = fresh
  for (const by of [hour, -hour]) {
    const now = (await elsewhere(by, config, 'store.now()')) as number
    expect(Math.abs(store.now() - now)).toBeLessThan(60_000)
    // What counts once for ten minutes is there for all, and swept away by none before.
    await elsewhere(by, config, `store.once.keep('sign_in', 'theirs${String(by)}', { lifetimeMs: 600_000 })`)
    await store.once.keep('sign_in', `ours${String(by)}`, { lifetimeMs: 600_000 })
    await elsewhere(by, config, 'store.once.forgetExpired()')
    await store.once.forgetExpired()
    expect(await store.once.take('sign_in', `theirs${String(by)}`)).toBeDefined()
    expect(await elsewhere(by, config, `store.once.take('sign_in', 'ours${String(by)}')`)).toBeTruthy()
  }
})

test('when the clock of a machine is set anew, its next look at the database’s puts the time right', async () => {
  await using fresh = await freshStore('mariadb')
  const { store } = fresh
  const before = store.now()
  vi.spyOn(Date, 'now').mockReturnValue(0)
  try {
    await store.keepTime()
    expect(Math.abs(store.now() - before)).toBeLessThan(60_000)
  } finally {
    vi.restoreAllMocks()
  }
})
