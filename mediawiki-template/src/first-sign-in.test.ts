import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { choosePassword, linkOf, offerStatement } from '../test/first-sign-in.ts'
import { env, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Visitor } from '../test/visitor.ts'

const own = 'my own long password'
const keys = { good: 'a-good-key', other: 'another-key' }

describe('the link of a first sign-in', () => {
  let site: TestSite
  let wiki: TestWiki
  const host = hostOf('mine')
  beforeAll(async () => {
    site = await startTestSite()
    wiki = await site.openWiki('mine', { WIKI_VISIBILITY: 'private', WIKI_LANG: 'de' })
    await maintain(wiki, 'makeFounder', { WIKISTEAD_FOUNDER: 'Ada', WIKISTEAD_USER: '7' })
  })
  afterAll(() => site[Symbol.asyncDispose]())

  const offer = (key: string, more: { user?: number; seconds?: number } = {}, of = wiki) =>
    of.query(offerStatement({ key, user: 7, ...more }))
  const nameOf = async (visitor: Visitor): Promise<unknown> => {
    const answer = await visitor.api(host, { action: 'query', meta: 'userinfo' })
    return (answer['query'] as { userinfo?: { name?: string } } | undefined)?.userinfo?.name
  }
  const isDead = async (key: string, of = host): Promise<boolean> => {
    const { status, text } = await site.visitor().get(of, linkOf(key))
    return status === 410 && !text.includes('wppassword') && text.includes('This link was used')
  }

  test('shows a form to whoever has it, however often, and signs in who chooses a password there, once', async () => {
    await offer(keys.good)
    for (let n = 0; n < 2; n++) {
      const page = await site.visitor().get(host, linkOf(keys.good))
      expect([page.status, page.text.includes('Your name here is “Ada”')]).toEqual([200, true])
      expect(page.headers).toMatchObject({
        ...{
          'referrer-policy': 'no-referrer',
          'cache-control': expect.stringContaining('no-store') as string,
        },
      })
    }
    const ada = site.visitor()
    expect(await choosePassword(ada, host, keys.good, own)).toMatchObject({ status: 302 })
    expect((await ada.get(host, '/wiki/Hauptseite')).text).toContain('"wgUserName":"Ada"')
    expect(await ada.edit(host, 'Mine', 'Hello.')).toMatchObject({ edit: { result: 'Success' } })
    expect(await isDead(keys.good)).toBe(true)
    expect(await site.visitor().signIn(host, 'Ada', own)).toMatchObject({ clientlogin: { status: 'PASS' } })
    expect(await wiki.query("SELECT ul_key FROM updatelog WHERE ul_key = 'wikistead sign-in'")).toEqual([])
  })

  test('ends at the main page; on the hub, by a stand-in for its extension, at Special:WikiFarm', async () => {
    const folder = join(site.farm.folder, 'WikiFarm')
    await mkdir(folder)
    await writeFile(join(folder, 'extension.json'), '{ "name": "WikiFarm", "manifest_version": 2 }')
    const settings = join(wiki.folder, 'FarmSettings.php')
    for (const [loaded, page] of [
      ['', '/wiki/Hauptseite'],
      [`wfLoadExtension( 'WikiFarm', '${folder}/extension.json' );`, '/wiki/Spezial:WikiFarm'],
    ] as const) {
      await writeFile(settings, `<?php\n${loaded}\n`)
      await offer(keys.good)
      const { status, headers } = await choosePassword(site.visitor(), host, keys.good, own)
      expect([status, new URL(String(headers['location'])).pathname]).toEqual([302, page])
    }
    await rm(settings)
  })

  test('is not spent by passwords that differ, or that the wiki takes from nobody', async () => {
    await offer(keys.good)
    const ada = site.visitor()
    for (const [password, retype] of [
      ['one long password', 'another long password'],
      ['short', 'short'],
    ] as const) {
      const body = new URLSearchParams({ ...formOf(keys.good), wppassword: password, wpretype: retype })
      const answer = await ada.post(host, '/index.php', body)
      expect([answer.status, answer.text.includes('wppassword')]).toEqual([200, true])
    }
    expect(await choosePassword(ada, host, keys.good, own)).toMatchObject({ status: 302 })
  })

  test('signs whoever was there before out', async () => {
    const before = site.visitor()
    await before.signIn(host, 'Ada', own)
    expect(await nameOf(before)).toBe('Ada')
    await offer(keys.good)
    await choosePassword(site.visitor(), host, keys.good, 'yet another password')
    expect(await nameOf(before)).not.toBe('Ada')
  })

  test('works for one of two who use it at once', async () => {
    await offer(keys.good)
    const both = await Promise.all(
      ['the first long one', 'the other long one'].map((password) =>
        choosePassword(site.visitor(), host, keys.good, password),
      ),
    )
    expect(both.filter(({ status }) => status === 302)).toHaveLength(1)
  })

  test('is dead when it has run out, was replaced, is forged, or is another wiki’s', async () => {
    await offer(keys.good, { seconds: 0 })
    expect(await isDead(keys.good)).toBe(true)
    await offer(keys.good)
    await offer(keys.other)
    expect(await isDead(keys.good)).toBe(true)
    for (const forged of ['', '0', 'a', `${keys.other} `, keys.other.toUpperCase(), '[]']) {
      expect(await isDead(forged), forged).toBe(true)
    }
    expect(await isDead(`${keys.other}&key[]=x`)).toBe(true)
    const theirs = await site.openWiki('theirs')
    await maintain(theirs, 'makeFounder', { WIKISTEAD_FOUNDER: 'Bea', WIKISTEAD_USER: '7' })
    expect(await isDead(keys.other, hostOf('theirs'))).toBe(true)
    const page = await site.visitor().get(host, linkOf(keys.other))
    expect(page.status).toBe(200)
  })

  test('posted without ever being opened, it needs the key all the same', async () => {
    await offer(keys.good)
    const forged = new URLSearchParams({ ...formOf('forged'), wppassword: own, wpretype: own })
    expect(await site.visitor().post(host, '/index.php', forged)).toMatchObject({ status: 410 })
    expect((await site.visitor().get(host, linkOf(keys.good))).status).toBe(200)
  })

  test('ends with its owner’s time: who gave the wiki away gets nobody’s account', async () => {
    await offer(keys.good)
    const given = { WIKISTEAD_USER: '8', WIKISTEAD_FOUNDER: 'Bea', WIKISTEAD_TASK: 't-1' }
    await maintain(wiki, 'changeOwner', given)
    expect(await isDead(keys.good)).toBe(true)
    // Made for the owner before, a moment too late.
    await offer(keys.good, { user: 7 })
    expect(await isDead(keys.good)).toBe(true)
    await offer(keys.other, { user: 8 })
    const bea = site.visitor()
    expect(await choosePassword(bea, host, keys.other, own)).toMatchObject({ status: 302 })
    expect(await nameOf(bea)).toBe('Bea')
  })

  test('there is none on a wiki whose accounts are a hub’s', async () => {
    const hub = await site.openWiki('hub')
    const child = await site.openWiki('child', { WIKI_SHARED_DB_NAME: hub.database })
    await offer(keys.good, {}, child)
    const { status, text } = await site.visitor().get(hostOf('child'), linkOf(keys.good))
    expect([status, text.includes('wppassword')]).toEqual([404, false])
  })
})

const formOf = (key: string): Record<string, string> => ({
  ...{ title: 'Special:FirstSignIn', wpFormIdentifier: 'first-sign-in', key, wpEditToken: '+\\' },
})

async function maintain(
  { folder }: TestWiki,
  script: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  await run('php', ['maintenance/run', script], { cwd: folder, env: { ...env, ...values } })
}
