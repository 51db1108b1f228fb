import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { adminHost, ask, guardBefore, sendRaw } from '../test/guard-under-test.ts'

let started: AsyncDisposableStack
beforeEach(() => {
  started = new AsyncDisposableStack()
})
afterEach(() => started.disposeAsync())

const ok: RequestListener = (_req, res) => void res.end()

describe('before a plain HTTP server in the place of the farm, the guard', () => {
  test.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'localhost',
    '',
    ' ',
    '..',
    '.',
    'a..example.org',
    '.example.org',
    'site.example.org.',
    'site_a.example.org',
    '../site.example.org',
    'site.example.org/../x',
    'site.example.org\\x',
    'site%2eexample.org',
    'site.example.org:0x50',
    'site.example.org:99999',
    'site.example.org:80:80',
    'user@site.example.org',
    'sité.example.org',
    'site.example.org,other.example.org',
    '127.0.0.1',
    '[::1]',
    '10.1',
    '-site.example.org',
    'www.www.example.org',
    `${'a'.repeat(64)}.example.org`,
    `${'a.'.repeat(127)}org`,
    'a.b\u0001.org',
    'a.b\u0000.org',
  ])('refuses the Host %j before the farm sees it', async (host) => {
    const { port, seen } = await guardBefore(started, ok)
    const { status } = await sendRaw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(status).toBe(400)
    expect(seen).toHaveLength(0)
  })

  test('refuses two Hosts, none, and a request target with a host of its own', async () => {
    const { port, seen } = await guardBefore(started, ok)
    const close = 'Connection: close\r\n\r\n'
    for (const head of [
      `GET / HTTP/1.1\r\nHost: a.example.org\r\nHost: b.example.org\r\n${close}`,
      `GET / HTTP/1.1\r\nHost: a.example.org\r\nhost: a.example.org\r\n${close}`,
      `GET / HTTP/1.1\r\n${close}`,
      `GET / HTTP/1.0\r\n${close}`,
      `GET http://b.example.org/ HTTP/1.1\r\nHost: a.example.org\r\n${close}`,
      `OPTIONS * HTTP/1.1\r\nHost: a.example.org\r\n${close}`,
    ]) {
      expect((await sendRaw(port, head)).status, head).toBe(400)
    }
    expect(seen).toHaveLength(0)
  })

  test('refuses methods that are not used, and one method in the guise of another', async () => {
    const { port, seen } = await guardBefore(started, ok)
    for (const method of ['PATCH', 'TRACE', 'PROPFIND', 'LINK']) {
      const answer = await ask(port, 'notes.example.org', '/welcome.json', { method })
      expect([method, answer.status, answer.headers.allow]).toEqual([
        method,
        405,
        'GET, HEAD, POST, PUT, DELETE, OPTIONS',
      ])
    }
    for (const name of ['X-HTTP-Method-Override', 'x-http-method', 'X-Method-Override']) {
      const headers = { [name]: 'DELETE' }
      expect((await ask(port, 'notes.example.org', '/', { method: 'POST', headers })).status).toBe(400)
    }
    expect((await ask(port, 'notes.example.org', '/?_method=DELETE', { method: 'POST' })).status).toBe(400)
    expect((await ask(port, 'notes.example.org', '/?%5fmethod=DELETE', { method: 'POST' })).status).toBe(400)
    expect((await ask(port, 'notes.example.org', '/', { body: 'smuggled' })).status).toBe(400)
    expect(seen).toHaveLength(0)
  })

  test('refuses what changes something for another site’s page, in words, before the farm sees it', async () => {
    const { port, seen } = await guardBefore(started, ok)
    const cookie = 'wikiSession=x'
    const change = (headers: Record<string, string>) =>
      ask(port, 'notes.example.org:8420', '/page/x/action', {
        method: 'PUT',
        headers: { cookie, ...headers },
      })
    const forged: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://notes.example.org:8420' },
      { origin: 'http://evil.example.org:8420' },
      {},
    ]
    for (const headers of forged) {
      expect(await change(headers)).toMatchObject({
        ...{ status: 403, headers: { 'cache-control': 'no-store' } },
        body: '{"error":"This did not come from a page of this site. Load the page again, and repeat it there."}',
      })
    }
    expect(seen).toHaveLength(0)
    expect((await change({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await change({ origin: 'http://notes.example.org:8420' })).status).toBe(200)
  })

  describe('keeps the control plane to the admin host', () => {
    const spellings = [
      '/plugin/farmmanager/sites',
      '/Plugin/FarmManager/Sites',
      '//plugin//farmmanager/sites',
      '/plugin/farm%6danager/sites',
      '/plugin/farm%256danager/sites',
      '/plugin%2ffarmmanager/sites',
      '/plugin%5cfarmmanager/sites',
      '/plugin/farmmanager',
      '/plugin/farmmanager/sites/x.example.org',
      '/auth/wikistead',
      '/auth/WikiStead/owners/x.example.org',
    ]

    test.each(spellings)('%s on a site is not found', async (path) => {
      const { port, seen } = await guardBefore(started, ok)
      expect((await ask(port, 'notes.example.org', path)).status).toBe(404)
      expect(seen).toHaveLength(0)
    })

    test.each([
      '/plugin/./farmmanager/sites',
      '/plugin/x/../farmmanager/sites',
      '/plugin/x/%2e%2e/farmmanager/sites',
      '/plugin/x/%252e%252e/farmmanager/sites',
      '/plugin/x/..%5cfarmmanager/sites',
      '/x/..',
      '/%00',
      '/%0d%0ax',
      '/%',
      '/%c0%ae',
    ])('%s is refused everywhere', async (path) => {
      const { port, seen } = await guardBefore(started, ok)
      expect((await ask(port, 'notes.example.org', path)).status).toBe(400)
      expect((await ask(port, adminHost, path)).status).toBe(400)
      expect(seen).toHaveLength(0)
    })

    test.each([
      '/plugin/farmmanager/sites/%2F',
      '/plugin/farmmanager/sites/%2e%2e',
      '/plugin/farmmanager/sites/..%2fx',
      '/plugin/farmmanager/sites/X.example.org',
      '/plugin/farmmanager/sites/x%2eexample.org',
      '/plugin/farmmanager/sites/x.example.org/',
      '/plugin/farmmanager/sites/',
      '/plugin/farmmanager/sites/www.x.example.org',
      '/plugin/farmmanager/sites/__proto__',
      '/plugin/farmmanager/sites/x',
      '/plugin/FarmManager/sites/x.example.org',
      '//plugin/farmmanager/sites/x.example.org',
      '/auth/wikistead/owners/%2F',
    ])('%s names no site and is refused on the admin host too', async (path) => {
      const { port, seen } = await guardBefore(started, ok)
      expect((await ask(port, adminHost, path, { method: 'DELETE' })).status).toBe(400)
      expect(seen).toHaveLength(0)
    })

    test('what is spelled rightly passes there, PATCH too', async () => {
      const { port, seen } = await guardBefore(started, ok)
      const json = { 'content-type': 'application/json' }
      const body = '{"status":"archived"}'
      const path = '/plugin/farmmanager/sites/x.example.org'
      expect((await ask(port, adminHost, path, { method: 'PATCH', headers: json, body })).status).toBe(200)
      expect((await ask(port, adminHost, `${path}?hard=true`, { method: 'DELETE' })).status).toBe(200)
      expect((await ask(port, 'Farm-Admin.wiki.test:80', '/plugin/farmmanager/sites')).status).toBe(200)
      expect(seen.map(({ method }) => method)).toEqual(['PATCH', 'DELETE', 'GET'])
    })

    test('a body names a site or is refused, and what passes is written anew', async () => {
      const bodies: string[] = []
      const { port } = await guardBefore(started, (req, res) => {
        void text(req).then((body) => {
          bodies.push(body)
          res.end()
        })
      })
      const post = async (body: string | Buffer, headers: Record<string, string> = {}) => {
        const json = { 'content-type': 'application/json', ...headers }
        const path = '/plugin/farmmanager/sites'
        return (await ask(port, adminHost, path, { method: 'POST', headers: json, body })).status
      }
      for (const domain of [
        '"../x"',
        '"/"',
        '""',
        '"X.example.org"',
        '["x.example.org"]',
        '{}',
        '1',
        'null',
      ]) {
        expect(await post(`{"domain":${domain}}`), domain).toBe(400)
      }
      expect(await post('{"domain":"x.example.org","domain":"../x"}')).toBe(400)
      expect(await post('not json')).toBe(400)
      expect(await post('domain=../x', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415)
      expect(await post('{}', { 'content-type': 'application/json; charset=utf-16' })).toBe(415)
      expect(await post('{}', { 'content-encoding': 'gzip' })).toBe(415)
      expect(await post(`{"x":"${'y'.repeat(70_000)}"}`)).toBe(413)
      expect(bodies).toEqual([])
      expect(await post('{ "domain": "../x", "domain": "x.example.org" }')).toBe(200)
      expect(bodies).toEqual(['{"domain":"x.example.org"}'])
    })
  })
})
