/** An administrator of the database at work on the audit log, on both engines. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entriesOf, SealCheck, sealKey } from '@wikistead/contracts/audit-seals'
import { sealedRows, type NewAuditRow, type Store } from '@wikistead/store'
import { databaseHand } from '@wikistead/test/database-hand'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'
import { AuditKeeper, type AuditKeeping } from './audit-keeper.ts'

const row = (subject: string): NewAuditRow => ({
  ...{ at: 1, userId: 1, actingBy: 'token', action: 'DELETE /v1/wikis/:id', subject },
  ...{ status: 202, code: null, requestId: 'r', address: '192.0.2.1' },
})
const rows = (count: number) => Array.from({ length: count }, (_, at) => row(`wiki/${String(at)}`))
const keeping = { settleMs: 0, passEveryMs: 0 }
const keeperOf = (store: Store, more: AuditKeeping = {}) => new AuditKeeper(store, { ...keeping, ...more })

const told = async (store: Store) => (await store.alarms.open('audit_changed'))[0]?.message
/** The whole chain, and what is wrong with it. */
async function checked(store: Store) {
  const sealed = await sealedRows(store, { after: 0, mostSeals: 10_000, mostRows: 100_000 })
  const check = new SealCheck()
  for (const each of sealed) check.take(each.seal, each.rows)
  const findings = check.finish().map(({ kind, seal, ids }) => [kind, seal, ...ids])
  return { findings, seals: sealed.length, rows: check.rows, late: check.late, last: check.last }
}

async function world(engine: (typeof storeEngines)[number], sealed: readonly number[] = [3, 2, 4]) {
  await using started = new AsyncDisposableStack()
  const fresh = started.use(await freshStore(engine))
  const hand = started.use(await databaseHand(fresh.config))
  const { store } = fresh
  const keeper = keeperOf(store)
  for (const count of sealed) {
    await store.audit.append(rows(count))
    await keeper.keep()
  }
  if (engine === 'sqlite') {
    // Whoever owns the file takes the triggers away first.
    for (const [table, names] of [
      ['wikifarm_audit', ['no_update', 'no_delete', 'at_the_end']],
      ['wikifarm_audit_seals', ['no_update', 'no_delete', 'at_the_end']],
    ] as const) {
      for (const name of names) await hand.run(`drop trigger "${table}_${name}"`)
    }
  }
  const all = started.move()
  return { ...fresh, hand, keeper, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

describe.each(storeEngines)('on %s', (engine) => {
  test('all that is written is sealed, once, and nobody is told anything', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const keeper = keeperOf(store)
    await keeper.keep()
    expect(await store.auditSeals.head()).toBeUndefined()
    await store.audit.append(rows(1_203))
    for (let round = 0; round < 3; round += 1) await keeper.keep()
    expect(await checked(store)).toMatchObject({ findings: [], seals: 3, rows: 1_203, late: 0 })
    expect(await told(store)).toBeUndefined()
    expect(JSON.parse((await store.settings.get('audit_checked')) ?? '')).toMatchObject({
      seal: 3,
      findings: 0,
    })
  })

  test.each([
    ['changes a row', "update wikifarm_audit set subject = 'wiki/9' where audit_id = 4", ['changed', 2, 4]],
    ['takes a row out', 'delete from wikifarm_audit where audit_id = 2', ['removed', 1, 2]],
    [
      'puts a row in another’s place',
      "replace into wikifarm_audit (audit_id, at, acting_by, action, subject, status, request_id) values (5, 1, 'token', 'sign_in', '', 200, 'r')",
      ['changed', 2, 5],
    ],
    ['changes a seal', 'update wikifarm_audit_seals set at = 7 where seal = 2', ['broken', 2]],
    ['takes a seal out', 'delete from wikifarm_audit_seals where seal = 2', ['broken', 3]],
  ])('an administrator who %s is noticed without anybody asking', async (_what, statement, finding) => {
    await using at = await world(engine)
    await at.hand.run(statement)
    await at.keeper.keep()
    expect(await told(at.store)).toMatch(/^The audit log is not what was sealed\. (?:Row|Seal) \d/)
    expect((await checked(at.store)).findings).toContainEqual(finding)
    // Also by another process, and after it was cleared.
    await at.store.alarms.clear('audit_changed', 'audit log')
    await keeperOf(await at.open()).keep()
    expect(await told(at.store)).toContain('not what was sealed')
  })

  test('a log whose end is cut off together with its seals is noticed, and shows it for ever', async () => {
    await using at = await world(engine)
    await at.hand.run(
      'delete from wikifarm_audit where audit_id > 5; delete from wikifarm_audit_seals where seal > 2',
    )
    await keeperOf(await at.open()).keep()
    expect(await told(at.store)).toMatch(/Seal 3 \(.{43}\) was the newest, and is gone or another/)
    await at.store.audit.append([row('wiki/1')])
    await at.keeper.keep()
    expect((await checked(at.store)).findings).toEqual([['broken', 4]])
  })

  test('all of it made anew is noticed by whoever sealed before', async () => {
    await using at = await world(engine)
    await at.hand.run(
      "delete from wikifarm_audit_seals; delete from wikifarm_settings where name like 'audit%'; update wikifarm_audit set user_id = 7",
    )
    await keeperOf(await at.open()).keep()
    expect((await checked(at.store)).findings).toEqual([])
    await at.keeper.keep()
    expect(await told(at.store)).toMatch(/was the newest, and is gone or another/)
  })

  test('who has not the key cannot make it anew unnoticed', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    const keys = [sealKey('k'.repeat(32))]
    await store.audit.append(rows(2))
    await keeperOf(store, { keys }).keep()
    await store.audit.append(rows(2))
    await keeperOf(await fresh.open()).keep()
    await keeperOf(store, { keys }).keep()
    expect(await told(store)).toContain('Seal 2 was made without a key')
  })

  test('two who keep house at once make one chain', async () => {
    await using fresh = await freshStore(engine)
    const stores = [fresh.store, await fresh.open(), await fresh.open()]
    const keepers = stores.map((store) => keeperOf(store))
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([
        ...stores.map((store) => store.audit.append(rows(2))),
        ...keepers.map((keeper) => keeper.keep()),
      ])
    }
    await keepers[0]?.keep()
    const { findings, rows: found } = await checked(fresh.store)
    expect([findings, found]).toEqual([[], 120])
    const seals = await fresh.store.auditSeals.list({ after: 0, limit: 1_000 })
    expect(seals.flatMap((seal) => [...entriesOf(seal).keys()])).toHaveLength(120)
  })

  test('one who is killed while sealing leaves a chain that the next goes on with', async () => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await store.audit.append(rows(400))
    const program = `
      import { openStore } from ${JSON.stringify(new URL('../../../store/src/index.ts', import.meta.url).href)}
      import { AuditSealer } from ${JSON.stringify(new URL('./seal-audit.ts', import.meta.url).href)}
      const store = await openStore(${JSON.stringify(fresh.config)})
      await new AuditSealer(store, { settleMs: 0, rowsAtOnce: 1 }).seal([])`
    for (let turn = 0; turn < 2; turn += 1) {
      const before = (await store.auditSeals.head())?.seal ?? 0
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
      const ended = once(child, 'exit')
      while (((await store.auditSeals.head())?.seal ?? 0) < before + 10) {
        if (child.exitCode !== null) throw new Error('it ended before it was killed')
      }
      child.kill('SIGKILL')
      await ended
      const { findings, seals } = await checked(store)
      expect(findings).toEqual([])
      expect(seals).toBeLessThan(400)
    }
    await keeperOf(store).keep()
    expect(await checked(store)).toMatchObject({ findings: [], rows: 400 })
    expect(await told(store)).toBeUndefined()
  })
})

test('on mariadb a log that is truncated with its seals is noticed, and shows it for ever', async () => {
  await using at = await world('mariadb')
  await at.hand.run('truncate table wikifarm_audit; truncate table wikifarm_audit_seals')
  await keeperOf(await at.open()).keep()
  expect(await told(at.store)).toMatch(/was the newest, and is gone or another/)
  await at.store.audit.append(rows(2))
  await at.keeper.keep()
  expect(await checked(at.store)).toMatchObject({ findings: [['broken', 4]], rows: 2 })
})

test('on mariadb a log that is truncated beside its seals is noticed', async () => {
  await using at = await world('mariadb')
  await at.hand.run('truncate table wikifarm_audit')
  await at.keeper.keep()
  expect(await told(at.store)).toMatch(/Rows up to 9 were sealed, and the newest that is there is row 0\./)
  expect((await checked(at.store)).findings).toContainEqual(['removed', 3, 6, 7, 8, 9])
})

test('on mariadb a row whose transaction ends late is waited for', async () => {
  await using at = await world('mariadb', [])
  const { store, hand } = at
  await store.audit.append(rows(1))
  await hand.run(
    "begin; insert into wikifarm_audit (at, acting_by, action, subject, status, request_id) values (1, 'token', 'late', '', 200, 'r')",
  )
  await store.audit.append(rows(2))
  const patient = new AuditKeeper(store, { settleMs: 3_600_000 })
  await patient.keep()
  expect(await store.auditSeals.head()).toBeUndefined()

  // Nobody waited: it is told, and sealed by its name.
  await at.keeper.keep()
  await hand.run('commit')
  expect((await checked(store)).findings).toEqual([['added', 1, 2]])
  await at.keeper.keep()
  expect(await told(store)).toContain('Row 2 (seal 1): in no seal, though rows after them are sealed.')
  expect(await checked(store)).toMatchObject({ findings: [], rows: 4, late: 1 })
  await store.alarms.clear('audit_changed', 'audit log')
  await at.keeper.keep()
  expect(await told(store)).toBeUndefined()
})
