/**
 * A page with a founder's own JavaScript, where an operator allowed that, in the browser of an admin who is signed in to the
 * console: real Chromium, from another site and from the console's own (127.0.0.1 with another port).
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startStack, type Stack } from '@wikistead/test/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, signInLink, visitor, type Visitor } from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
let stack: Stack
let browser: Browser
let founderPort: number

beforeAll(async () => {
  stack = started.use(await startStack({ settings: { console: 'true' }, run: ['api'] }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
  const wiki = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html').end('<!doctype html><title>A wiki</title>')
  })
  wiki.listen(0, '127.0.0.1')
  await once(wiki, 'listening')
  started.defer(() => {
    wiki.closeAllConnections()
    wiki.close()
  })
  founderPort = (wiki.address() as AddressInfo).port
})
afterAll(() => started.disposeAsync())

describe.each([
  ['another site', 'localhost'],
  ['the console’s own site', '127.0.0.1'],
])('on %s', (_, host) => {
  let admin: Visitor
  let wiki: Page
  beforeAll(async () => {
    admin = started.use(await visitor(browser, stack.url))
    await admin.page.goto(await signInLink(stack))
    await admin.page
      .getByRole('button', { name: /Account|admin/i })
      .or(admin.page.locator('main'))
      .first()
      .waitFor()
    wiki = await admin.context.newPage()
    await wiki.goto(`http://${host}:${String(founderPort)}/wiki/Main_Page`)
  })

  const inWiki = <T>(code: string): Promise<T> =>
    wiki.evaluate<T>(`((console) => ${code})(${JSON.stringify(stack.url)})`)
  const isSignedIn = async () => {
    const answer = await admin.context.request.get(`${stack.url}/v1/session`)
    return ((await answer.json()) as { user: unknown }).user !== null
  }
  const tokens = async () => {
    const answer = await admin.context.request.get(`${stack.url}/v1/tokens`)
    return ((await answer.json()) as { tokens: unknown[] }).tokens.length
  }

  test.each(['/v1/session', '/v1/users', '/v1/tokens', '/metrics', '/'])(
    'it reads nothing of %s',
    async (path) => {
      const read = `fetch(console + ${JSON.stringify(path)}, { credentials: 'include' }).then((a) => a.text(), (e) => e.name)`
      expect(await inWiki(read)).toBe('TypeError')
      const asScript = `new Promise((done) => {
      const script = Object.assign(document.createElement('script'), { src: console + ${JSON.stringify(path)} })
      script.onload = () => done('ran')
      script.onerror = () => done('refused')
      document.head.append(script)
    })`
      expect(await inWiki(asScript)).toBe('refused')
    },
  )

  test('what it sends with the admin’s cookie makes, changes and ends nothing', async () => {
    const before = await tokens()
    const send = (type: string) => `Promise.all([
      ['POST', '/v1/tokens'], ['POST', '/v1/users'], ['POST', '/auth/sign-out'], ['POST', '/v1/wikis'],
    ].map(([method, path]) => fetch(console + path, {
      method, mode: 'no-cors', credentials: 'include', headers: { 'content-type': ${JSON.stringify(type)} },
      body: JSON.stringify({ label: 'theirs', scopes: ['admin'], name: 'x', subject: 'x', engine: 'fedwiki', domain: 'x' }),
    }).catch(() => undefined))).then(() => true)`
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) await inWiki(send(type))
    // A form goes wherever it is sent, and takes the page along.
    const form = await admin.context.newPage()
    await form.goto(wiki.url())
    await Promise.all([
      form.waitForNavigation(),
      form.evaluate(`(() => {
        const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(stack.url)} + '/auth/sign-out' })
        document.body.append(form)
        form.submit()
      })()`),
    ])
    await form.close()
    expect(await isSignedIn()).toBe(true)
    expect(await tokens()).toBe(before)
  })

  test('it frames no page of the console, and keeps no hold of one that it opens', async () => {
    await inWiki(
      `void document.body.append(Object.assign(document.createElement('iframe'), { src: console + '/account' }))`,
    )
    await expect
      .poll(() => wiki.frames().map((frame) => frame.url()))
      .toEqual([wiki.url(), 'chrome-error://chromewebdata/'])
    const opened = admin.context.waitForEvent('page')
    await inWiki(`void (window.theirs = window.open(console + '/account'))`)
    const page = await opened
    await page.waitForLoadState()
    expect(await page.evaluate('window.opener')).toBeNull()
    await expect.poll(() => inWiki('window.theirs === null || window.theirs.closed')).toBe(true)
    await page.close()
  })

  test('it sees no cookie of the console', async () => {
    expect(await inWiki('document.cookie')).not.toContain('wikistead')
  })
})
