/** Raw bytes that no browser would send: whatever comes of them, the farm gets nothing that the guard would refuse. */
import type { IncomingMessage } from 'node:http'
import { isPlainDomain } from '@wikistead/contracts'
import { rawRequests, sendRow } from '@wikistead/test/raw-requests'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adminHost, ask, guardBefore, type Behind } from '../test/guard-under-test.ts'

let started: AsyncDisposableStack
let behind: Behind
beforeEach(async () => {
  started = new AsyncDisposableStack()
  behind = await guardBefore(started, (req, res) => void req.resume().once('end', () => res.end('ok')))
})
afterEach(() => started.disposeAsync())

const rows = rawRequests({
  hosts: ['notes.wiki.test', 'Notes.wiki.test:8420', 'www.notes.wiki.test', adminHost],
  strangeHosts: [
    ...[
      '__proto__',
      '..',
      'constructor',
      'notes.wiki.test, x.wiki.test',
      'notes.wiki.test\0',
      'x@notes.wiki.test',
    ],
    ...[' notes.wiki.test ', '127.0.0.1', '', 'notes.wiki.test:80:80', 'notes.wiki.test/../x'],
  ],
  targets: [
    '/',
    '/welcome.json',
    '/plugin/farmmanager/sites',
    '/plugin/farmmanager/sites/x.wiki.test',
    '/a%20b?x=1',
  ],
  strangeTargets: [
    ...[
      '//plugin/farmmanager/sites',
      '/plugin%2ffarmmanager/sites',
      '/plugin/FarmManager/sites',
      '*',
      '',
      '/a b',
    ],
    ...[
      '/x/%2e%2e/plugin/farmmanager',
      '/\\plugin\\farmmanager\\sites',
      '/plugin/farmmanager/sites#x',
      '/%00',
      '/é',
    ],
    ...[
      `http://${adminHost}/plugin/farmmanager/sites`,
      '/auth/wikistead?_method=PUT',
      '/plugin/farmmanager/sites/%2F',
    ],
  ],
  refused: [
    'GET /plugin/farmmanager/sites HTTP/1.1\r\nHost: notes.wiki.test\r\n\r\n',
    `DELETE /plugin/farmmanager/sites/%2F?hard=true HTTP/1.1\r\nHost: ${adminHost}\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: __proto__\r\n\r\n',
    'PUT /x HTTP/1.1\r\nHost: notes.wiki.test\r\nCookie: a=b\r\nSec-Fetch-Site: same-site\r\n\r\n',
    'POST /x HTTP/1.1\r\nHost: notes.wiki.test\r\nX-HTTP-Method-Override: DELETE\r\n\r\n',
  ],
})

/** What the guard's own tests promise of each request, looked at from the farm's side. */
function expectHarmless({ method = '', url = '', headers, headersDistinct }: IncomingMessage): void {
  const site = String(headers.host)
    .replace(/:\d+$/, '')
    .replace(/^www\./, '')
  expect([headersDistinct['host']?.length, isPlainDomain(site)]).toEqual([1, true])
  expect(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']).toContain(method)
  expect(headers).not.toHaveProperty('x-http-method-override')
  expect(url).toMatch(/^\//)
  const path = decodeURIComponent(url)
    .toLowerCase()
    .replaceAll(/[/\\]+/g, '/')
  expect(path).not.toMatch(/\/\.\.?(?:\/|$)/)
  if (/^\/(?:plugin\/farmmanager|auth\/wikistead)(?![^/?#])/.test(path)) {
    expect([site, url]).toEqual([
      adminHost,
      expect.stringMatching(/^\/plugin\/farmmanager\/sites(\/x\.wiki\.test)?$/),
    ])
  }
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(method)
  if (changes && headers.cookie !== undefined) expect(headers['sec-fetch-site']).toBe('same-origin')
}

test('the guard outlives them, and lets nothing harmful through in their guise', async () => {
  let passed = 0
  const some = fc.array(fc.tuple(rows, fc.nat({ max: 200 })), { minLength: 4, maxLength: 8 })
  const outlived = fc.asyncProperty(some, async (sent) => {
    behind.seen.length = 0
    await Promise.all(sent.map(([bytes, cut]) => sendRow(behind.port, bytes, 'notes.wiki.test', cut)))
    const requests = behind.seen.filter(({ url }) => url !== '/the-end')
    requests.forEach(expectHarmless)
    passed += requests.length
    expect(await ask(behind.port, 'notes.wiki.test', '/')).toMatchObject({ status: 200, body: 'ok' })
  })
  await fc.assert(outlived, { numRuns: 100 })
  // They are not all so bad that nothing is looked at.
  expect(passed).toBeGreaterThan(60)
})
