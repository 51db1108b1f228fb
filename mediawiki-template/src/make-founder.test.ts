import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../test/database-content.ts'
import { env, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Answer, Visitor } from '../test/visitor.ts'
import { sendForm } from '../test/web-form.ts'

describe('making a wiki’s founder', () => {
  let site: TestSite
  beforeAll(async () => {
    site = await startTestSite()
  })
  afterAll(() => site[Symbol.asyncDispose]())

  test('makes an account that can do all, and that nobody can sign in to yet', async () => {
    const wiki = await site.openWiki('own')
    expect(await makeFounder(wiki, 'ada_Lovelace')).toEqual({
      code: 0,
      stdout: '{"user":"Ada Lovelace","user_id":2,"groups":["bureaucrat","sysop"]}\n',
      stderr: '',
    })
    const [row] = await wiki.query(
      'SELECT user_name, user_password, user_newpassword, user_email FROM user WHERE user_id = 2',
    )
    expect(Object.values(row ?? {}).map(String)).toEqual(['Ada Lovelace', '', '', ''])
    for (const password of ['', 'Ada Lovelace', 'a long password']) {
      expect(await signIn(site.visitor(), 'own', 'Ada Lovelace', password)).not.toContain('"wgUserName":"Ada')
    }
    const asked = { action: 'query', list: 'users', ususers: 'Ada Lovelace', usprop: 'groups' }
    expect(await site.visitor().api(hostOf('own'), asked)).toMatchObject({
      query: { users: [{ groups: expect.arrayContaining(['sysop', 'bureaucrat']) as string[] }] },
    })
    const { query } = await site.visitor().api(hostOf('own'), {
      ...{ action: 'query', list: 'logevents', letype: 'rights', meta: 'siteinfo', siprop: 'statistics' },
    })
    expect(query).toMatchObject({
      logevents: [{ user: 'MediaWiki default', title: 'User:Ada Lovelace' }],
      statistics: { users: 1, admins: 1 },
    })
  })

  test('may be run again, also twice at once, and mends what is missing', async () => {
    const wiki = await site.openWiki('again')
    const both = await Promise.all([makeFounder(wiki, 'Ada'), makeFounder(wiki, 'Ada')])
    const made = both.filter(({ code }) => code === 0)
    expect(made.length).toBeGreaterThan(0)
    const rows = await rowsOf(wiki)
    expect(rows).toMatchObject({ user: 2, user_groups: 2 })
    expect(await makeFounder(wiki, 'Ada')).toEqual(made[0])
    expect(await rowsOf(wiki)).toEqual(rows)
    await wiki.query('DELETE FROM user_groups WHERE ug_group = "bureaucrat"')
    await wiki.query('UPDATE user_groups SET ug_expiry = "20200101000000"')
    expect(await makeFounder(wiki, 'Ada')).toEqual(made[0])
  })

  test('tells the groups that the database has, not those that were asked for', async () => {
    const wiki = await site.openWiki('hooked')
    const refuse = '$wgHooks["UserAddGroup"][] = static fn ( $user, &$group ) => $group !== "bureaucrat";'
    await writeFile(join(wiki.folder, 'FarmSettings.php'), `<?php\n${refuse}`)
    expect((await makeFounder(wiki, 'Ada')).stdout).toBe('{"user":"Ada","user_id":2,"groups":["sysop"]}\n')
  })

  test('takes every name that MediaWiki takes, as it is, and ends with 4 for any other', async () => {
    const wiki = await site.openWiki('names')
    for (const name of ['--help', '-q', '$(id) `id`', 'Größe "Ü" \\', '🦊 عربي', 'O’Neill; DROP', '0']) {
      const { code, stdout } = await makeFounder(wiki, name)
      expect({ code, ...(JSON.parse(stdout) as object) }, name).toMatchObject({ code: 0, user: name })
    }
    const before = await rowsOf(wiki)
    const impossible = ['', ' ', 'a/b', 'a#b', '<b>', '192.0.2.1', 'MediaWiki default', 'Talk:Ada', 'a@b']
    for (const name of [...impossible, 'x'.repeat(236), 'a\nb', '👩‍🚀']) {
      const refused = await makeFounder(wiki, name)
      expect({ ...refused, name }).toMatchObject({ code: 4, stdout: '', stderr: oneLine, name })
    }
    const notUtf8 = 'export WIKISTEAD_FOUNDER=$(printf "\\377"); exec php maintenance/run makeFounder'
    await expect(run('sh', ['-c', notUtf8], { cwd: wiki.folder, env })).rejects.toMatchObject({ code: 4 })
    expect(await makeFounder(wiki, undefined)).toMatchObject({ code: 1, stdout: '', stderr: oneLine })
    expect(await rowsOf(wiki)).toEqual(before)
  })

  test('only an account of the hub can found a wiki that shares its accounts', async () => {
    const hub = await site.openWiki('hub')
    expect(await makeFounder(hub, 'Operator')).toMatchObject({ code: 0 })
    expect(await site.visitor().signUp(hostOf('hub'), 'Bea', 'a long password')).toMatchObject({
      createaccount: { status: 'PASS' },
    })
    const hubRows = await rowsOf(hub)
    const child = await site.farm.makeWiki('child', { WIKI_SHARED_DB_NAME: hub.database })
    await child.maintenance('installPreConfigured')
    const childRows = await rowsOf(child)

    const tooEarly = await makeFounder(child, 'Bea')
    expect(tooEarly).toMatchObject({ code: 1, stdout: '', stderr: oneLine })
    expect(tooEarly.stderr).toContain('While WIKI_BOOTSTRAPING is true')
    await child.configure({ WIKI_BOOTSTRAPING: 'false' })
    site.statuses.set('child', { state: 'ready' })
    expect(await makeFounder(child, 'Nobody')).toEqual({
      code: 3,
      stdout: '',
      stderr: "The hub has no account of the founder's name.\n",
    })
    expect(await rowsOf(child)).toEqual(childRows)
    expect(await rowsOf(hub)).toEqual(hubRows)

    expect((await makeFounder(child, 'bea')).stdout).toBe(
      '{"user":"Bea","user_id":3,"groups":["bureaucrat","sysop"]}\n',
    )
    const bea = site.visitor()
    const whoAmI = { action: 'query', meta: 'userinfo', uiprop: 'groups' }
    const groups = async (slug: string) => JSON.stringify(await bea.api(hostOf(slug), whoAmI))
    for (const slug of ['child', 'hub']) await bea.signIn(hostOf(slug), 'Bea', 'a long password')
    expect(await groups('child')).toContain('"bureaucrat","sysop"')
    expect(await groups('hub')).not.toContain('sysop')
    expect(await rowsOf(hub)).toEqual(hubRows)
  })

  test('an account of the hub is known by its number: who has taken its old name gets nothing', async () => {
    const hub = await site.openWiki('hubthree')
    for (const name of ['Ada', 'Mallory']) {
      await site.visitor().signUp(hostOf('hubthree'), name, 'a long password')
    }
    const [ada] = await hub.query("SELECT user_id FROM user WHERE user_name = 'Ada'")
    const account = String(ada?.['user_id'])
    await hub.query("UPDATE user SET user_name = 'Ada Lovelace' WHERE user_name = 'Ada'")
    await hub.query("UPDATE user SET user_name = 'Ada' WHERE user_name = 'Mallory'")
    const child = await site.openWiki('renamed', { WIKI_SHARED_DB_NAME: hub.database })
    const made = await makeFounder(child, 'Ada', { WIKISTEAD_ACCOUNT: account })
    expect(JSON.parse(made.stdout)).toMatchObject({ user: 'Ada Lovelace', user_id: Number(account) })
    expect(await child.query('SELECT DISTINCT ug_user FROM user_groups')).toEqual([
      { ug_user: Number(account) },
    ])
    expect(await makeFounder(child, 'Ada', { WIKISTEAD_ACCOUNT: '999' })).toMatchObject({
      code: 3,
      stdout: '',
    })
  })

  test('on a private wiki of a hub the founder is a member, too', async () => {
    const hub = await site.openWiki('hubtwo')
    await site.visitor().signUp(hostOf('hubtwo'), 'Bea', 'a long password')
    const shared = { WIKI_SHARED_DB_NAME: hub.database, WIKI_VISIBILITY: 'private' }
    const child = await site.openWiki('closed', shared)
    expect((await makeFounder(child, 'Bea')).stdout).toContain('"groups":["bureaucrat","member","sysop"]')
  })

  test('acts for no wiki but that of the folder it is run in', async () => {
    const wiki = await site.openWiki('here')
    const other = await site.openWiki('there')
    const script = join(wiki.folder, 'maintenance/run')
    for (const cwd of [other.folder, '/']) {
      const called = run('php', [script, 'makeFounder'], { cwd, env: { ...env, WIKISTEAD_FOUNDER: 'Ada' } })
      await expect(called).rejects.toMatchObject({ code: 1, stdout: '', stderr: oneLine })
    }
    expect(await wiki.query('SELECT 1 FROM user_groups')).toEqual([])
  })

  /** Answers the page that a person sees afterwards. */
  async function signIn(visitor: Visitor, slug: string, name: string, password: string): Promise<string> {
    const answer = await postSignIn(visitor, slug, name, password)
    if (answer.status === 200) return answer.text
    return (await visitor.get(hostOf(slug), '/wiki/Main_Page')).text
  }

  async function postSignIn(visitor: Visitor, slug: string, name: string, password: string): Promise<Answer> {
    const page = await visitor.get(hostOf(slug), '/wiki/Special:UserLogin')
    const values = { wpName: name, wpPassword: password }
    return sendForm(visitor, hostOf(slug), page, 'userlogin', values)
  }
})

const oneLine = expect.stringMatching(/^[^\n]+\n$/) as string

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function makeFounder(
  { folder }: TestWiki,
  name: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const values = { ...env, ...more, ...(name !== undefined && { WIKISTEAD_FOUNDER: name }) }
  const command = run('php', ['maintenance/run', 'makeFounder'], { cwd: folder, env: values })
  return command.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  )
}
