/**
 * What was granted is tried before anything relies on it. Of two accounts that fit, MariaDB takes the one whose host says
 * more: an anonymous account of this machine goes before a wiki's user, who may come from anywhere.
 */
import { Refusal } from '@wikistead/contracts'
import { escape, escapeId } from 'mysql2'
import { anyHost } from './database-user.ts'
import type { AdminConnection, Connect } from './database-server.ts'

/**
 * Signs in as the wiki's user, from where this process is, and enters the wiki's database.
 * @throws Refusal `database_user_shadowed`, which names the mend; `database_rights_missing`; ProvisioningFault
 */
export async function trySignIn(
  admin: AdminConnection,
  connect: Connect,
  { database, password }: { readonly database: string; readonly password: string },
): Promise<void> {
  try {
    const wiki = await connect(1, { user: database, password })
    const [row] = await wiki.rows<{ account: string }>('SELECT CURRENT_USER() AS account')
    if (row?.account !== `${database}@${anyHost}`) throw shadowed(await shadowingAccounts(admin))
    await wiki.run(`USE ${escapeId(database, true)}`)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'database_rights_missing') throw error
    const before = await shadowingAccounts(admin)
    throw before.length > 0 ? shadowed(before) : error
  }
}

/** Anonymous accounts that go before a wiki's user for whoever comes from where this process is; as DROP USER names them. */
export async function shadowingAccounts(admin: AdminConnection): Promise<readonly string[]> {
  const rows = await admin.rows<{ host: string }>(
    "SELECT Host AS host FROM mysql.user WHERE User = '' AND Host <> ? AND SUBSTRING_INDEX(USER(), '@', -1) LIKE Host",
    [anyHost],
  )
  return rows.map(({ host }) => `''@${escape(host)}`)
}

function shadowed(accounts: readonly string[]): Refusal {
  const names = accounts.length > 0 ? accounts.join(', ') : "''@'localhost'"
  return new Refusal(
    'database_user_shadowed',
    `MariaDB takes the wiki’s user for an anonymous account. As root of MariaDB: DROP USER ${names}; then try again.`,
    { accounts },
  )
}
