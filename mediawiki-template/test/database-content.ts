/** What is in a wiki's database, to compare it with another's. */
import type { TestWiki } from './test-farm.ts'

/** Name → definition of each table. */
export async function schemaOf(wiki: Pick<TestWiki, 'query'>): Promise<Record<string, string>> {
  const schema: Record<string, string> = {}
  for (const table of await tablesOf(wiki)) {
    const [row] = await wiki.query(`SHOW CREATE TABLE \`${table}\``)
    schema[table] = String(row?.['Create Table']).replace(/ AUTO_INCREMENT=\d+| ROW_FORMAT=DYNAMIC/g, '')
  }
  return schema
}

/** Name → number of rows of each table. */
export async function rowsOf(wiki: Pick<TestWiki, 'query'>): Promise<Record<string, number>> {
  const tables = (await tablesOf(wiki)).filter((table) => !changing.includes(table))
  const counts = tables.map((table) => `SELECT '${table}' AS name, COUNT(*) AS count FROM \`${table}\``)
  const rows = await wiki.query(counts.join(' UNION ALL '))
  return Object.fromEntries(rows.map(({ name, count }) => [String(name), Number(count)]))
}

/** Caches, and jobs: one in ten edits adds a job that tidies up. */
const changing = ['objectcache', 'l10n_cache', 'module_deps', 'job']

async function tablesOf(wiki: Pick<TestWiki, 'query'>): Promise<string[]> {
  const tables = await wiki.query('SHOW TABLES')
  return tables.map((row) => String(Object.values(row)[0]))
}
