/** What WIKI_SERVING does to visitors, to members and to the farm's own scripts, over the real MediaWiki. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Visitor } from '../test/visitor.ts'
import { sendForm } from '../test/web-form.ts'
import type { TestWiki } from '../test/test-farm.ts'

describe('what a wiki does for everybody', () => {
  let site: TestSite
  let wiki: TestWiki
  let ada: Visitor
  const host = hostOf('served')
  beforeAll(async () => {
    site = await startTestSite()
    wiki = await site.openWiki('served')
    await wiki.maintenance('createAndPromote', '--sysop', 'Ada', 'a long password')
    ada = site.visitor()
    await ada.signIn(host, 'Ada', 'a long password')
    expect(await ada.edit(host, 'Secret', 'The platypus is here.')).toMatchObject({
      edit: { result: 'Success' },
    })
  })
  afterAll(() => site[Symbol.asyncDispose]())

  test('readonly is read by everybody and written by nobody, who are told why', async () => {
    await wiki.configure({ WIKI_SERVING: 'readonly' })
    expect((await site.visitor().get(host, '/wiki/Secret')).text).toContain('The platypus is here.')
    expect(await ada.edit(host, 'Secret', 'Changed.')).toMatchObject({
      error: { code: 'readonly', readonlyreason: expect.stringContaining('read-only') as string },
    })
    const form = await ada.get(host, '/index.php?title=Secret&action=edit')
    expect(form.text).toContain('This wiki is read-only, as its owner has set it.')
    expect(await site.visitor().signUp(host, 'Bea', 'a long password')).toMatchObject({
      error: { code: 'readonly' },
    })
    // Who was signed in stays so, and who comes anew gets in: a private wiki is still to be read.
    const whoAmI = { action: 'query', meta: 'userinfo' }
    expect(await ada.api(host, whoAmI)).toMatchObject({ query: { userinfo: { name: 'Ada' } } })
    const again = site.visitor()
    const signIn = await again.get(host, '/wiki/Special:UserLogin')
    const values = { wpName: 'Ada', wpPassword: 'a long password' }
    expect(await sendForm(again, host, signIn, 'userlogin', values)).toMatchObject({ status: 302 })
    expect(await again.api(host, whoAmI)).toMatchObject({ query: { userinfo: { name: 'Ada' } } })
  })

  test('archived shows nobody anything but a page of ours, at every address', async () => {
    await wiki.configure({ WIKI_SERVING: 'archived' })
    for (const path of [
      ...['/', '/wiki/Secret', '/index.php?title=Secret&action=raw', '/rest.php/v1/page/Secret'],
      ...[
        '/api.php?action=parse&page=Secret&format=json',
        '/load.php?modules=startup',
        '/img_auth.php/a.png',
      ],
    ]) {
      const answer = await ada.get(host, path)
      expect([answer.status, answer.text.includes('This wiki is archived')], path).toEqual([410, true])
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' })
    }
  })

  test.each(['readonly', 'archived'])('scripts of the farm go on while it is %s', async (serving) => {
    await wiki.configure({ WIKI_SERVING: serving })
    const { stdout } = await wiki.maintenance('rebuildtextindex')
    expect(stdout).toContain('Done')
    await wiki.maintenance('createAndPromote', '--force', '--bureaucrat', 'Ada', 'a long password')
  })

  test('a word that nobody knows lets nobody write', async () => {
    await wiki.configure({ WIKI_SERVING: 'no longer' })
    expect(await ada.edit(host, 'Secret', 'Changed.')).toMatchObject({ error: { code: 'readonly' } })
    await wiki.configure({ WIKI_SERVING: '' })
    expect(await ada.edit(host, 'Secret', 'Changed.')).toMatchObject({ edit: { result: 'Success' } })
  })

  test('the front says it, too', async () => {
    site.statuses.set('put-away', { state: 'archived' })
    const { status, text } = await site.visitor().get(hostOf('put-away'), '/')
    expect([status, text.includes('This wiki is archived')]).toEqual([410, true])
  })
})
