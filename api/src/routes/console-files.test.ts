import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startApiUnderTest, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { sharedConsoleBundle } from '@wikistead/test/console-bundle'
import { afterAll, beforeAll, expect, test } from 'vitest'

let api: ApiUnderTest
let folder: string
const started = new AsyncDisposableStack()
beforeAll(async () => {
  folder = await sharedConsoleBundle()
  api = started.use(await startApiUnderTest({ deps: { consoleFolder: folder } }))
})
afterAll(() => started.disposeAsync())

const html = { accept: 'text/html,application/xhtml+xml' }
const page = '<title>Wikistead</title>'

test.each([
  '/',
  '/sign-in',
  '/create',
  '/wikis/12',
  '/tasks/01-a',
  '/transfers/x',
  '/account',
  '/operate/users',
])('%s is a page of the console, asked for anew each time', async (path) => {
  const answer = await api.ask('GET', path, { headers: html })
  expect(answer).toMatchObject({ status: 200, text: expect.stringContaining(page) as string })
  expect(answer.headers['content-type']).toContain('text/html')
  expect(answer.headers['cache-control']).toBe('no-cache')
})

test('the icon is found also where browsers look for it unasked', async () => {
  const answer = await api.ask('GET', '/favicon.ico')
  expect([answer.status, answer.headers['location']]).toEqual([301, '/icon.svg'])
  expect((await api.ask('GET', '/icon.svg')).headers['content-type']).toContain('image/svg+xml')
})

test('a page allows its own files only, and no inline script or style', async () => {
  const { headers, text } = await api.ask('GET', '/', { headers: html })
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|https?:\/\//)
})

test('every file that a page names is there, is kept for ever, and comes compressed to who takes it so', async () => {
  const { text } = await api.ask('GET', '/', { headers: html })
  const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => String(path))
  expect(files.length).toBeGreaterThan(1)
  for (const file of files) {
    const answer = await api.ask('GET', file, { headers: { 'accept-encoding': 'br, gzip' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(answer.headers['content-encoding']).toBe('br')
    expect(answer.headers['vary']).toMatch(/accept-encoding/i)
    const plain = await api.ask('GET', file)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.text).toBe(readFileSync(join(folder, file), 'utf8'))
  }
})

test('nothing of the API is hidden by a page', async () => {
  expect(await api.ask('GET', '/v1/nothing', { headers: html })).toMatchObject({
    ...{ status: 404, body: { code: 'no_such_route' } },
  })
  for (const path of ['/v1/users/me', '/healthz', '/openapi.json']) {
    const { text } = await api.ask('GET', path, { headers: html })
    expect(text).not.toContain(page)
  }
  expect((await api.ask('GET', '/reference/', { headers: html })).text).not.toContain(page)
  expect((await api.ask('POST', '/create', { headers: html })).status).toBe(404)
})

test('where there is nothing, a person sees the console and a program a problem', async () => {
  const person = await api.ask('GET', '/nowhere', { headers: html })
  expect(person).toMatchObject({ status: 404, text: expect.stringContaining(page) as string })
  const program = await api.ask('GET', '/nowhere', { headers: { accept: 'application/json' } })
  expect(program).toMatchObject({ status: 404, body: { code: 'no_such_route' } })
})

test('no file outside of the console is reached', async () => {
  for (const path of [
    '/assets/../package.json',
    '/assets/%2e%2e/index.html',
    '/assets//etc/passwd',
    '/assets/',
  ]) {
    expect((await api.ask('GET', path)).status).toBeGreaterThanOrEqual(400)
  }
})

test('the first load is at most 120 KB of compressed JavaScript, and all pages and languages 250', () => {
  const sizeOf = (files: readonly string[]) =>
    files.reduce((sum, file) => sum + readFileSync(join(folder, file)).length, 0)
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const first = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => `${file}.br`)
  expect(first.length).toBeGreaterThan(0)
  expect(sizeOf(first)).toBeLessThan(120 * 1024)
  const all = globSync('assets/*.js.br', { cwd: folder })
  expect(all.length).toBeGreaterThan(5)
  expect(sizeOf(all)).toBeLessThan(250 * 1024)
})
