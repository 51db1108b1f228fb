/** Over a real MariaDB, behind a relay that can fall silent. */
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { isStoreFault, openStore, type Store, type StoreConfig } from '../index.ts'
import type { MariadbOptions } from './mariadb-dialect.ts'
import { takenConnections } from './taken-connections.ts'

const tooLate = { name: 'StoreUnavailable', message: 'The database did not answer in time.' }

/** A store of one connection, over a relay; `silence()` stops the relayed connections of now, later ones work. */
async function relayedStore(options: Partial<MariadbOptions> = {}) {
  const started = new AsyncDisposableStack()
  const { config } = started.use(await freshStore('mariadb'))
  if (config.engine !== 'mariadb') throw new Error('not a MariaDB store')
  const { socketPath = '', ...rest } = config
  const ends: Socket[] = []
  const relay = createServer((client) => {
    const server = connect(socketPath)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      ends.push(from.on('error', () => undefined))
      from.pipe(to)
    }
  })
  started.defer(() => {
    for (const end of ends) end.destroy()
    relay.close()
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const relayed: StoreConfig = {
    ...{ ...rest, host: '127.0.0.1', port: (relay.address() as AddressInfo).port },
    ...{ connections: 1, answerMs: 200, ...options },
  }
  return {
    store: started.use(await openStore(relayed)),
    connections: () => ends.length / 2,
    silence() {
      for (const end of ends) end.unpipe().pause()
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

const fault = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a database that falls silent is given up in time, and asked over another connection', async () => {
  await using relayed = await relayedStore()
  await relayed.store.ping()
  const before = relayed.connections()
  relayed.silence()
  const error = await fault(relayed.store.ping())
  expect(error).toMatchObject(tooLate)
  expect(isStoreFault(error)).toBe(true)
  await relayed.store.ping()
  expect(relayed.connections()).toBe(before + 1)
})

test('a transaction that hears no answer fails with that, and leaves nothing to whoever comes next', async () => {
  await using relayed = await relayedStore()
  const { store } = relayed
  await expect(
    store.transaction(async ({ settings }) => {
      await settings.set('half', 'done')
      relayed.silence()
      await settings.set('half', 'over')
    }),
  ).rejects.toMatchObject(tooLate)
  expect(await store.settings.get('half')).toBeUndefined()
  await store.transaction(({ settings }) => settings.set('next', 'whole'))
  expect(await store.settings.get('next')).toBe('whole')
})

async function holding(store: Store, meanwhile: () => Promise<void>): Promise<void> {
  await store.transaction(async ({ settings }) => {
    await settings.set('held', '1')
    await meanwhile()
  })
}

test('nobody waits for a connection for ever, and not too many wait', async () => {
  await using relayed = await relayedStore({ queueLimit: 2 })
  const { store } = relayed
  await holding(store, async () => {
    const asked = await Promise.all([store.ping(), store.ping(), store.ping()].map(fault))
    expect(asked).toMatchObject([
      { name: 'StoreUnavailable', message: 'All connections to the database are in use.' },
      { name: 'StoreUnavailable', message: 'All connections to the database are in use.' },
      { name: 'StoreUnavailable', message: 'Too many requests wait for the database.' },
    ])
  })
  // Those who gave up hold no place.
  await store.ping()
})

test('a statement that another transaction holds up is stopped by the server itself, and the connection is kept', async () => {
  await using relayed = await relayedStore({ connections: 2 })
  const { store } = relayed
  await holding(store, async () => {
    const error = await fault(store.settings.set('held', '2'))
    expect(error).toMatchObject({ errno: 1969 })
    expect(isStoreFault(error)).toBe(true)
    const before = relayed.connections()
    await store.ping()
    expect(relayed.connections()).toBe(before)
  })
  expect(await store.settings.get('held')).toBe('1')
})

test('a server that takes the connection and says nothing is given up', async () => {
  await using started = new AsyncDisposableStack()
  const silent = createServer((socket) => void started.defer(() => void socket.destroy()))
  started.defer(() => void silent.close())
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const place = { engine: 'mariadb', host: '127.0.0.1', port, user: 'root', database: 'store' } as const
  await expect(openStore({ ...place, connectTimeoutMs: 100 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  })
})

test('a server says how many connections it has, of how many', async () => {
  await using fresh = await freshStore('mariadb')
  if (fresh.config.engine !== 'mariadb') throw new Error('not a MariaDB store')
  const { taken, most, limit } = await takenConnections(fresh.config)
  expect(taken).toBeGreaterThan(0)
  expect(most).toBeGreaterThanOrEqual(taken)
  expect(limit).toBe(500)
})
