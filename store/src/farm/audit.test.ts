import { beginning, makeSeal } from '@wikistead/contracts/audit-seals'
import { databaseHand } from '@wikistead/test/database-hand'
import { freshStore, storeEngines } from '@wikistead/test/stores'
import { describe, expect, test } from 'vitest'
import type { NewAuditRow } from './audit.ts'

const row = (more: Partial<NewAuditRow> = {}): NewAuditRow => ({
  ...{ at: 1, userId: 1, actingBy: 'token', action: 'DELETE /v1/wikis/:id', subject: 'wiki/12' },
  ...{ status: 202, code: null, requestId: 'r1', address: '192.0.2.1', ...more },
})

describe.each(storeEngines)('on %s', (engine) => {
  test('rows come newest first, and by who, what and about what', async () => {
    await using fresh = await freshStore(engine)
    const { audit } = fresh.store
    await audit.append([row(), row({ userId: null, action: 'sign_in', subject: '', code: 'link_expired' })])
    await audit.append([row({ userId: 2, subject: 'wiki/13' })])
    await audit.append([])
    const ids = async (filter: object) =>
      (await audit.list({ limit: 10, ...filter })).map(({ audit_id: id }) => id)
    expect(await ids({})).toEqual([3, 2, 1])
    expect(await ids({ before: 3, limit: 1 })).toEqual([2])
    expect(await ids({ userId: 2 })).toEqual([3])
    expect(await ids({ action: 'sign_in' })).toEqual([2])
    expect(await ids({ action: 'sign_ïn' })).toEqual([])
    expect(await ids({ subject: 'wiki/12', userId: 1 })).toEqual([1])
  })

  test('a subject of any length and letters is kept, as far as there is room', async () => {
    await using fresh = await freshStore(engine)
    await fresh.store.audit.append([row({ subject: `host/${'ß🦊'.repeat(200)}` })])
    const [kept] = await fresh.store.audit.list({ limit: 1 })
    expect(kept?.subject).toHaveLength(200)
  })
})

test('on sqlite not even somebody else’s hand changes, removes or replaces a row or a seal, or adds one between', async () => {
  await using fresh = await freshStore('sqlite')
  const { audit, auditSeals } = fresh.store
  await audit.append([row(), row()])
  const rows = await audit.between(0, 2)
  expect(await auditSeals.add(makeSeal(beginning, rows, { at: 1, upTo: 2, key: undefined }))).toBe(true)
  await using hand = await databaseHand(fresh.config)
  const columns = 'audit_id, at, acting_by, action, subject, status, request_id'
  const other = "1, 'token', 'sign_in', '', 200, 'forged'"
  const seal = `(seal, previous, up_to, at, row_count, late, entries, hash) values (1, '', 2, 1, 0, 0, '', 'forged')`
  for (const statement of [
    'update wikifarm_audit set user_id = 7',
    'update or replace wikifarm_audit set audit_id = 2 where audit_id = 1',
    'delete from wikifarm_audit',
    `insert or replace into wikifarm_audit (${columns}) values (1, ${other})`,
    `replace into wikifarm_audit (${columns}) values (2, ${other})`,
    `insert or ignore into wikifarm_audit (${columns}) values (0, ${other})`,
    `insert into wikifarm_audit (${columns}) values (1, ${other}) on conflict do update set user_id = 7`,
    "update wikifarm_audit_seals set hash = 'forged'",
    'delete from wikifarm_audit_seals',
    `insert or replace into wikifarm_audit_seals ${seal}`,
  ]) {
    await expect(hand.run(statement), statement).rejects.toThrow(/only added to/)
  }
  expect(await audit.between(0, 9)).toEqual(rows)
  await audit.append([row()])
  expect(await audit.newestId()).toBe(3)
})
