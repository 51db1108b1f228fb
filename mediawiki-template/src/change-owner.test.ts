import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { env, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'

describe('handing a wiki over', () => {
  let site: TestSite
  beforeAll(async () => {
    site = await startTestSite()
  })
  afterAll(() => site[Symbol.asyncDispose]())

  const rightsOf = async (wiki: TestWiki): Promise<readonly string[]> => {
    const rows = await wiki.query(
      'SELECT ug_user, ug_group, ug_expiry FROM user_groups ORDER BY ug_user, ug_group',
    )
    return rows.map(({ ug_user: id, ug_group: group, ug_expiry: expiry }) =>
      [id, group, expiry ?? ''].join(' ').trim(),
    )
  }
  const ours = async (wiki: TestWiki): Promise<unknown> =>
    wiki.query("SELECT ul_key, ul_value FROM updatelog WHERE ul_key = 'wikistead owner'")

  test('the new owner’s account is made, both change places, and it can all be changed back', async () => {
    const wiki = await site.openWiki('given')
    await founded(wiki, 'Ada', 1)
    const before = [await rightsOf(wiki), await ours(wiki)]
    const given = await hand(wiki, 't-1', { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'bea_Two' })
    expect(given).toMatchObject({ code: 0 })
    expect(JSON.parse(given.stdout)).toMatchObject({ user: 'Bea Two', groups: ['bureaucrat', 'sysop'] })
    expect(await rightsOf(wiki)).toEqual(['3 bureaucrat', '3 sysop'])
    // Done again, and told what another task did, it changes nothing.
    expect(await hand(wiki, 't-1', { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'bea_Two' })).toEqual(given)
    expect(await hand(wiki, 't-2', { WIKISTEAD_UNDO: '1' })).toMatchObject({ code: 0 })
    expect(await rightsOf(wiki)).toEqual(['3 bureaucrat', '3 sysop'])
    for (let n = 0; n < 2; n++) {
      expect(await hand(wiki, 't-1', { WIKISTEAD_UNDO: '1' })).toMatchObject({ code: 0 })
      expect([await rightsOf(wiki), await ours(wiki)]).toEqual(before)
    }
    const log = { action: 'query', list: 'logevents', letype: 'rights' }
    const { query } = await site.visitor().api(hostOf('given'), log)
    expect(query?.['logevents']).toHaveLength(5)
  })

  test('rights that would have ended on a day come back with it', async () => {
    const wiki = await site.openWiki('dated')
    await founded(wiki, 'Ada', 1)
    await wiki.query("UPDATE user_groups SET ug_expiry = '20990101000000' WHERE ug_group = 'sysop'")
    const before = await rightsOf(wiki)
    await hand(wiki, 't-1', { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Bea' })
    await hand(wiki, 't-1', { WIKISTEAD_UNDO: '1' })
    expect(await rightsOf(wiki)).toEqual(before)
  })

  test('an account that somebody made under the new owner’s name gets nothing', async () => {
    const wiki = await site.openWiki('squatted')
    await founded(wiki, 'Ada', 1)
    await site.visitor().signUp(hostOf('squatted'), 'Bea', 'a long password')
    const named = { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Bea', WIKISTEAD_FOUNDER_INSTEAD: 'Member 2' }
    const given = await hand(wiki, 't-1', named)
    expect(JSON.parse(given.stdout)).toMatchObject({ user: 'Member 2' })
    expect(await rightsOf(wiki)).toEqual(['4 bureaucrat', '4 sysop'])
    // Back to the first owner: theirs is known, by whatever name it goes now.
    const back = await hand(wiki, 't-2', { WIKISTEAD_USER: '1', WIKISTEAD_FOUNDER: 'Somebody' })
    expect(JSON.parse(back.stdout)).toMatchObject({ user: 'Ada' })
    expect(await rightsOf(wiki)).toEqual(['2 bureaucrat', '2 sysop'])
    await site.visitor().signUp(hostOf('squatted'), 'Member 3', 'a long password')
    const taken = { WIKISTEAD_USER: '3', WIKISTEAD_FOUNDER: 'a|b', WIKISTEAD_FOUNDER_INSTEAD: 'Member 3' }
    expect(await hand(wiki, 't-3', taken)).toMatchObject({ code: 4, stdout: '' })
    expect(await rightsOf(wiki)).toEqual(['2 bureaucrat', '2 sysop'])
  })

  test('where accounts are a hub’s, only one of the hub is taken, and nothing else changes', async () => {
    const hub = await site.openWiki('hub')
    for (const name of ['Ada', 'Bea']) await site.visitor().signUp(hostOf('hub'), name, 'a long password')
    const child = await site.openWiki('child', { WIKI_SHARED_DB_NAME: hub.database })
    await founded(child, 'Ada', 1)
    const before = [await rightsOf(child), await ours(child)]
    const unknown = { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Nobody', WIKISTEAD_FOUNDER_INSTEAD: 'Bea' }
    expect(await hand(child, 't-1', unknown)).toMatchObject({ code: 3, stdout: '' })
    expect([await rightsOf(child), await ours(child)]).toEqual(before)
    const given = await hand(child, 't-1', { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Bea' })
    expect(JSON.parse(given.stdout)).toMatchObject({ user: 'Bea', groups: ['bureaucrat', 'sysop'] })
    const again = await hand(child, 't-2', { WIKISTEAD_USER: '3', WIKISTEAD_FOUNDER: 'Bea' })
    expect(JSON.parse(again.stdout)).toMatchObject({ user: 'Bea', groups: ['bureaucrat', 'sysop'] })
  })

  test('an account of the hub is known by its number: who has taken its old name gets nothing', async () => {
    const hub = await site.openWiki('hubtwo')
    for (const name of ['Ada', 'Bea', 'Mallory']) {
      await site.visitor().signUp(hostOf('hubtwo'), name, 'a long password')
    }
    const [bea] = await hub.query("SELECT user_id FROM user WHERE user_name = 'Bea'")
    const account = String(bea?.['user_id'])
    const child = await site.openWiki('childtwo', { WIKI_SHARED_DB_NAME: hub.database })
    await founded(child, 'Ada', 1)
    await hub.query("UPDATE user SET user_name = 'Bea Two' WHERE user_name = 'Bea'")
    await hub.query("UPDATE user SET user_name = 'Bea' WHERE user_name = 'Mallory'")
    const asked = { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Bea' }
    expect(await hand(child, 't-1', { ...asked, WIKISTEAD_ACCOUNT: '999' })).toMatchObject({ code: 3 })
    const given = await hand(child, 't-1', { ...asked, WIKISTEAD_ACCOUNT: account })
    expect(JSON.parse(given.stdout)).toMatchObject({ user: 'Bea Two', user_id: Number(account) })
    expect(await rightsOf(child)).toEqual([`${account} bureaucrat`, `${account} sysop`])
  })

  test('one that breaks off has changed nothing', async () => {
    const wiki = await site.openWiki('broken')
    await founded(wiki, 'Ada', 1)
    const before = [await rightsOf(wiki), await ours(wiki)]
    const breaking = '$wgHooks["UserRemoveGroup"][] = static fn () => posix_kill( posix_getpid(), 9 );'
    await writeFile(join(wiki.folder, 'FarmSettings.php'), `<?php\n${breaking}`)
    await expect(hand(wiki, 't-1', { WIKISTEAD_USER: '2', WIKISTEAD_FOUNDER: 'Bea' })).resolves.toMatchObject(
      {
        stdout: '',
      },
    )
    expect([await rightsOf(wiki), await ours(wiki)]).toEqual(before)
  })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function founded(wiki: TestWiki, name: string, user: number): Promise<void> {
  const values = { ...env, WIKISTEAD_FOUNDER: name, WIKISTEAD_USER: String(user) }
  await run('php', ['maintenance/run', 'makeFounder'], { cwd: wiki.folder, env: values })
}

async function hand(
  { folder }: TestWiki,
  task: string,
  values: Readonly<Record<string, string>>,
): Promise<Ended> {
  const command = run('php', ['maintenance/run', 'changeOwner'], {
    ...{ cwd: folder, env: { ...env, ...values, WIKISTEAD_TASK: task } },
  })
  return command.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  )
}
