/** A worker or a server that goes away at any statement. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCuttingProxy } from '../../test/cutting-proxy.ts'
import { nothing, openTestDatabases, type TestDatabases } from '../../test/test-databases.ts'
import { startStep } from '../../test/step-process.ts'
import { createWikiDatabase, undoWikiDatabase, type NewWikiDatabase } from './wiki-database.ts'

let databases: TestDatabases

beforeAll(async () => {
  databases = await openTestDatabases()
})
afterAll(() => databases[Symbol.asyncDispose]())

const times = ['before', 'after'] as const

async function cutCreate(
  input: NewWikiDatabase,
  statement: number,
  when: 'before' | 'after',
): Promise<boolean> {
  await using proxy = await startCuttingProxy(databases.socketPath, { statement, when })
  const server = { host: '127.0.0.1', port: proxy.port, user: 'root' }
  try {
    await createWikiDatabase({ ...input, server })
    return false
  } catch (error) {
    expect(error).toMatchObject({ final: false })
    return true
  }
}

test.each(times)(
  'cut off %s any statement is done: done again it is whole, undone it is nothing',
  async (when) => {
    let statement = 1
    for (; ; statement += 1) {
      const input = databases.wanted()
      if (!(await cutCreate(input, statement, when))) break
      await createWikiDatabase(input)
      await databases.expectWhole(input)
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input)).toEqual(nothing)
    }
    expect(statement).toBeGreaterThan(10)
  },
)

test.each(times)(
  'cut off %s any statement is done, and undone at once: nothing is left, and a new life goes well',
  async (when) => {
    for (let statement = 1; ; statement += 1) {
      const input = databases.wanted()
      if (!(await cutCreate(input, statement, when))) break
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input), `statement ${String(statement)}`).toEqual(nothing)
      await createWikiDatabase({ ...input, password: 'an0ther-Password' })
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input)).toEqual(nothing)
    }
  },
)

test.each(times)(
  'cut off %s any statement is done, while the password is renewed: done again it is whole',
  async (when) => {
    for (let statement = 1; ; statement += 1) {
      const input = databases.wanted()
      await createWikiDatabase(input)
      const renewed = { ...input, password: 'an0ther-Password' }
      const cut = await cutCreate(renewed, statement, when)
      if (cut && statement % 2 === 0) await createWikiDatabase(renewed)
      if (statement % 2 === 0) await databases.expectWhole(renewed)
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input), `statement ${String(statement)}`).toEqual(nothing)
      if (!cut) break
    }
  },
)

test.each(times)(
  'cut off %s any statement is done, while undoing: undone again it is nothing',
  async (when) => {
    let statement = 1
    for (; ; statement += 1) {
      const input = databases.wanted()
      await createWikiDatabase(input)
      await using proxy = await startCuttingProxy(databases.socketPath, { statement, when })
      const server = { host: '127.0.0.1', port: proxy.port, user: 'root' }
      const cut = await undoWikiDatabase({ ...input, server }).then(
        () => false,
        () => true,
      )
      await undoWikiDatabase(input)
      expect(await databases.residueOf(input), `statement ${String(statement)}`).toEqual(nothing)
      if (!cut) break
    }
    expect(statement).toBeGreaterThan(6)
  },
)

test.each([4, 7, 9])(
  'a worker killed at statement %i leaves nothing that the next one cannot go on from',
  async (statement) => {
    const input = databases.wanted()
    await using proxy = await startCuttingProxy(databases.socketPath, { statement, when: 'after' })
    await using step = startStep('createWikiDatabase', {
      ...input,
      server: { host: '127.0.0.1', port: proxy.port, user: 'root' },
    })
    await proxy.done
    await step.kill()
    await createWikiDatabase(input)
    await databases.expectWhole(input)
    await undoWikiDatabase(input)
    expect(await databases.residueOf(input)).toEqual(nothing)
  },
)
