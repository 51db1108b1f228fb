import { rowsOf, schemaOf } from '@wikistead/mediawiki-template/test/database-content'
import { choosePassword, offerStatement } from '@wikistead/mediawiki-template/test/first-sign-in'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCloneFarm, type CloneFarm, type MadeWiki } from '../../test/clone-farm.ts'

/** When it was made, and chance: of a clone, those of the fresh wiki. */
const maskedColumns = new Set([
  ...['page.page_touched', 'page.page_links_updated', 'page.page_random', 'revision.rev_timestamp'],
  ...['recentchanges.rc_timestamp', 'logging.log_timestamp', 'user.user_touched', 'user.user_registration'],
])

/** What the making of the main page leaves to do is done for a clone, which begins with no jobs. */
const jobsOfAnInstallation = new Set(['htmlCacheUpdate', 'recentChangesUpdate'])

const ways = ['installer', 'clone'] as const

describe('a cloned wiki and one that was installed', () => {
  let farm: CloneFarm
  let wikis: Record<(typeof ways)[number], MadeWiki>
  beforeAll(async () => {
    // With tables of theirs, and rows.
    farm = await startCloneFarm(['AbuseFilter', 'Echo', 'Linter', 'OATHAuth'])
    wikis = {
      installer: await farm.make({ name: `Ada's "Notes"`, language: 'de', by: 'installer' }),
      clone: await farm.make({ name: 'Küche & Keller; $HOME!', language: 'de', by: 'clone' }),
    }
  })
  afterAll(() => farm[Symbol.asyncDispose]())

  test('have the same tables', async () => {
    const schema = await schemaOf(wikis.clone)
    expect(schema).toEqual(await schemaOf(wikis.installer))
    expect(Object.keys(schema)).toEqual(
      expect.arrayContaining(['page', 'echo_event', 'abuse_filter', 'linter']),
    )
  })

  test('have the same rows, but for times, chance and jobs', async () => {
    const { job: cloneJobs, ...clone } = await contentOf(wikis.clone)
    const { job: jobs, ...installed } = await contentOf(wikis.installer)
    expect(clone).toEqual(installed)
    expect(cloneJobs).toEqual([])
    expect(new Set(jobs?.map((row) => row['job_cmd']))).toEqual(jobsOfAnInstallation)
    expect(clone['page']).toMatchObject([{ page_title: 'Hauptseite' }])
  })

  test('have nothing in them for update.php to do', async () => {
    const said = []
    for (const way of ways) {
      const wiki = wikis[way]
      const [schema, rows] = [await schemaOf(wiki), await rowsOf(wiki)]
      const lines = await wiki.run(['php', 'maintenance/run', 'update', '--quick'])
      expect(lines.at(-1)).toMatch(/^Done in/)
      expect(await schemaOf(wiki)).toEqual(schema)
      // It notes which updates it found done.
      expect(await rowsOf(wiki)).toEqual({ ...rows, updatelog: expect.any(Number) as number })
      said.push(lines.slice(0, -1).map((line) => line.replaceAll(wiki.database, 'DATABASE')))
    }
    expect(said[1]).toEqual(said[0])
    expect(await rowsOf(wikis.clone)).toEqual(await rowsOf(wikis.installer))
  })

  test('let their founder sign in, take an edit, and find its words', async () => {
    for (const way of ways) {
      const wiki = wikis[way]
      expect(await wiki.promote('Ada')).toMatchObject({ user: 'Ada' })
      await wiki.open()
      const { host } = wiki
      const ada = farm.site.visitor()
      await wiki.query(offerStatement({ key: `of-${way}`, user: 1 }))
      expect((await choosePassword(ada, host, `of-${way}`, `the ${way}’s own`)).status).toBe(302)
      expect((await ada.get(host, '/wiki/Hauptseite')).text).toContain('"wgUserName":"Ada"')

      expect(await ada.edit(host, 'Tiere', `Das Quokka der ${way}.`)).toMatchObject({
        edit: { result: 'Success', new: true },
      })
      expect((await ada.get(host, '/wiki/Tiere')).text).toContain(`Das Quokka der ${way}.`)
      const search = { action: 'query', list: 'search', srsearch: 'quokka', srwhat: 'text' }
      // MediaWiki answers an edit before its index knows of it.
      await expect
        .poll(() => ada.api(host, search))
        .toMatchObject({ query: { search: [{ title: 'Tiere' }] } })
    }
    for (const way of ways) {
      const wiki = wikis[way]
      // Who was active of late is counted by a job of the edit's, which begins after its answer.
      const active = async () => {
        await wiki.run(['php', 'maintenance/run', 'runJobs'])
        const rows = await wiki.query('SELECT qcc_type, qcc_title FROM querycachetwo')
        return rows.map((row) => `${String(row['qcc_type'])}: ${String(row['qcc_title'])}`).sort()
      }
      await expect.poll(active).toEqual(['activeusers: Ada', 'activeusers: MediaWiki default'])
    }
    const [one, other] = await Promise.all(ways.map((way) => rowsOf(wikis[way])))
    expect(one).toEqual(other)
  })

  test('bear their own names', async () => {
    const siteinfo = { action: 'query', meta: 'siteinfo', siprop: 'general|namespaces' }
    expect(await farm.site.visitor().api(wikis.clone.host, siteinfo)).toMatchObject({
      query: {
        general: { sitename: 'Küche & Keller; $HOME!', lang: 'de', wikiid: wikis.clone.database },
        namespaces: { 4: { name: 'Küche & Keller; $HOME!' } },
      },
    })
  })

  test('are of their own language', async () => {
    const arabic = await farm.make({ name: 'Notes', language: 'ar', by: 'clone' })
    const { page, text } = await contentOf(arabic)
    expect(page).toMatchObject([{ page_title: 'الصفحة_الرئيسية' }])
    expect(JSON.stringify(text)).not.toContain('⧼')
  })

  test('share no secret of a founder’s with another clone', async () => {
    const secrets = []
    for (const name of ['Eins', 'Zwei']) {
      const wiki = await farm.make({ name, language: 'de', by: 'clone' })
      await wiki.promote('Ada')
      const [row] = await wiki.query('SELECT user_token, user_password FROM user WHERE user_name = "Ada"')
      expect(String(row?.['user_password'])).toBe('')
      secrets.push(String(row?.['user_token']))
    }
    expect(new Set(secrets).size).toBe(2)
  })
})

/** The rows of each table, as text; caches left out. */
async function contentOf(wiki: MadeWiki): Promise<Record<string, Record<string, string>[]>> {
  const content: Record<string, Record<string, string>[]> = {}
  for (const row of await wiki.query('SHOW TABLES')) {
    const table = String(Object.values(row)[0])
    if (table === 'objectcache') continue
    const rows = await wiki.query(`SELECT * FROM ${table} ORDER BY 1, 2`)
    content[table] = rows.map((of) =>
      Object.fromEntries(
        Object.entries(of).map(([column, value]) => [
          column,
          maskedColumns.has(`${table}.${column}`) ? 'its own' : String(value),
        ]),
      ),
    )
  }
  return content
}
