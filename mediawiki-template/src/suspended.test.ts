/** A suspended wiki, over the real MediaWiki: nobody reads or writes, whichever of our LocalSettings.php it has. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { TestWiki } from '../test/test-farm.ts'
import type { Visitor } from '../test/visitor.ts'

let site: TestSite
let wiki: TestWiki
let ada: Visitor
const host = hostOf('spammed')
beforeAll(async () => {
  site = await startTestSite()
  wiki = await site.openWiki('spammed')
  await wiki.maintenance('createAndPromote', '--sysop', 'Ada', 'a long password')
  ada = site.visitor()
  await ada.signIn(host, 'Ada', 'a long password')
  expect(await ada.edit(host, 'Secret', 'The platypus is here.')).toMatchObject({
    edit: { result: 'Success' },
  })
})
afterAll(() => site[Symbol.asyncDispose]())

const reason = `Spam <script>alert('x')</script> & "more"`
const suspended = {
  ...{ WIKI_SERVING: 'archived', WIKI_SUSPENDED: reason },
  WIKI_SUSPENDED_CONTACT: 'https://help.example.org/?a=1&b=<b>',
}
const everywhere = [
  ...['/', '/wiki/Secret', '/index.php?title=Secret&action=raw', '/rest.php/v1/page/Secret'],
  ...['/api.php?action=parse&page=Secret&format=json', '/load.php?modules=startup', '/img_auth.php/a.png'],
  ...['/index.php?title=Special:UserLogin', '/index.php?title=Special:FirstSignIn&key=x'],
]

test('every address shows a page of ours with the reason, which is text, and whom to ask', async () => {
  await wiki.configure(suspended)
  for (const who of [ada, site.visitor()]) {
    for (const path of everywhere) {
      const { status, text, headers } = await who.get(host, path)
      expect([path, status, text.includes('This wiki is suspended')]).toEqual([path, 403, true])
      expect(text).not.toContain('<script')
      expect(text).not.toContain('platypus')
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' })
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
  }
  const { text } = await ada.get(host, '/')
  expect(text).toContain('Spam &lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt; &amp; &quot;more&quot;')
  expect(text).toContain('href="https://help.example.org/?a=1&amp;b=&lt;b&gt;"')
})

test('an address to ask that is no address is not linked to', async () => {
  await wiki.configure({ ...suspended, WIKI_SUSPENDED_CONTACT: 'javascript:alert(1)' })
  expect((await ada.get(host, '/')).text).not.toContain('javascript:')
})

test('scripts of the farm go on', async () => {
  await wiki.configure(suspended)
  expect((await wiki.maintenance('rebuildtextindex')).stdout).toContain('Done')
})

test('what was signed in is so again once it is lifted', async () => {
  await wiki.configure({ WIKI_SERVING: '', WIKI_SUSPENDED: '', WIKI_SUSPENDED_CONTACT: '' })
  expect((await ada.get(host, '/wiki/Secret')).text).toContain('platypus')
  const whoAmI = { action: 'query', meta: 'userinfo' }
  expect(await ada.api(host, whoAmI)).toMatchObject({ query: { userinfo: { name: 'Ada' } } })
})

test.each([
  ['before-suspension', {}, 410],
  ['before-serving', { WIKI_BOOTSTRAPING: 'true' }, 503],
])(
  'with the settings of an earlier release (%s) nothing of it is served either',
  async (release, more, answer) => {
    const slug = release.replaceAll('-', '')
    const old = await site.openWiki(slug)
    // Before PHP has compiled today's for the web.
    await copyFile(
      join(import.meta.dirname, `../test/released/${release}.php`),
      join(old.folder, 'LocalSettings.php'),
    )
    await old.maintenance('createAndPromote', '--sysop', 'Ada', 'a long password')
    await old.configure({ ...suspended, ...more })
    for (const path of everywhere) {
      const { status, text } = await site.visitor().get(hostOf(slug), path)
      expect([path, status]).toEqual([path, answer])
      expect(text).not.toContain('MediaWiki')
    }
  },
)

test('the front says it, too, and takes the reason for text', async () => {
  site.statuses.set('fronted', { state: 'suspended', message: `The reason: ${reason}` })
  const { status, text } = await site.visitor().get(hostOf('fronted'), '/')
  expect([status, text.includes('This wiki is suspended'), text.includes('<script')]).toEqual([
    403,
    true,
    false,
  ])
})
