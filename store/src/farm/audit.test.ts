import { freshStore, storeEngines } from '@wikistead/test/stores'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { NewAuditRow } from './audit.ts'

const row = (more: Partial<NewAuditRow> = {}): NewAuditRow => ({
  ...{ at: 1, userId: 1, actingBy: 'token', action: 'DELETE /v1/wikis/:id', subject: 'wiki/12' },
  ...{ status: 202, code: null, requestId: 'r1', ...more },
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

test('on sqlite not even somebody else’s hand changes or removes a row', async () => {
  await using fresh = await freshStore('sqlite')
  await fresh.store.audit.append([row()])
  if (fresh.config.engine !== 'sqlite') throw new Error('another engine')
  const database = new DatabaseSync(fresh.config.filename)
  expect(() => database.exec('update wikifarm_audit set user_id = 7')).toThrow(/only added to/)
  expect(() => database.exec('delete from wikifarm_audit')).toThrow(/only added to/)
  database.close()
})
