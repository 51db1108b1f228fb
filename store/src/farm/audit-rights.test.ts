/** The rights of docs/audit-log.md, given on a real MariaDB: enough to run, and not to rewrite the audit log. */
import { readFile } from 'node:fs/promises'
import { beginning, makeSeal } from '@wikistead/contracts/audit-seals'
import { databaseHand } from '@wikistead/test/database-hand'
import { freshStore } from '@wikistead/test/stores'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { openStore } from '../store.ts'

test('a store’s user with these rights adds rows and seals, and neither changes nor empties them', async () => {
  await using started = new AsyncDisposableStack()
  const fresh = started.use(await freshStore('mariadb'))
  if (fresh.config.engine !== 'mariadb') throw new Error('another engine')
  const { socketPath = '', database } = fresh.config
  const user = `u_${database.slice(-24)}`
  const root = await createConnection({ socketPath, user: 'root', database })
  started.defer(() => root.end())
  await root.query(`CREATE USER ${user}@'%'`)
  started.defer(async () => void (await root.query(`DROP USER ${user}@'%'`)))
  const page = await readFile(new URL('../../../docs/audit-log.md', import.meta.url), 'utf8')
  const which = /```sql\n(select[^]*?)```/.exec(page)?.[1] ?? ''
  const asked = which.replace("'wikistead'", `'${database}'`).replace('`wikistead`', `\`${user}\``)
  const [grants] = await root.query<RowDataPacket[]>(asked)
  expect(grants.length).toBeGreaterThan(20)
  for (const { statement } of grants as { readonly statement: string }[]) await root.query(statement)

  const config = { ...fresh.config, user }
  const store = started.use(await openStore(config))
  const row = { at: 1, userId: 1, actingBy: 'token', action: 'sign_in', subject: '' } as const
  await store.audit.append([{ ...row, status: 200, code: null, requestId: 'r', address: '192.0.2.1' }])
  const rows = await store.audit.between(0, 1)
  expect(await store.auditSeals.add(makeSeal(beginning, rows, { at: 1, upTo: 1, key: undefined }))).toBe(true)
  expect(await store.leases.take('housekeeping', 'me', 1_000)).toBe(1)
  const ada = { name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' } as const
  await store.transaction(async (scope) => {
    const { user_id: id } = await scope.users.ensure(ada)
    await scope.users.setBlocked(id, true)
  })

  const hand = started.use(await databaseHand(config))
  for (const table of ['wikifarm_audit', 'wikifarm_audit_seals']) {
    for (const statement of [
      `truncate table ${table}`,
      `drop table ${table}`,
      `delete from ${table}`,
      `update ${table} set at = 7`,
      `replace into ${table} select * from ${table}`,
      `alter table ${table} drop column at`,
    ]) {
      await expect(hand.run(statement), statement).rejects.toThrow(/command denied/)
    }
  }
})
