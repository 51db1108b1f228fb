/** Raw bytes that no browser would send, to the front, here with a stand-in for MediaWiki that says what it was asked. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { rawRequests, sendRow } from '@wikistead/test/raw-requests'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { givenAway, rawGet } from '../test/forbidden-paths.ts'
import { serveMediaWiki, type Front } from './serve-mediawiki.ts'

const rootHost = 'wikis.test'
const started = new AsyncDisposableStack()
let front: Front

/** It is asked as the wiki of the folder it is in, or something led it there. */
const standIn = `<?php
$label = explode( '.', strtolower( $_SERVER['HTTP_HOST'] ) )[0];
echo $label === basename( __DIR__ ) ? '[[right]]' : '[[wrong]]';
foreach ( [ 'HTTP_FORWARDED', 'HTTP_X_FORWARDED_HOST' ] as $name ) echo isset( $_SERVER[$name] ) ? '[[believed]]' : '';
echo $_SERVER['HTTP_X_FORWARDED_FOR'] === '127.0.0.1' ? '' : '[[believed]]';
`

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-front-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const slug of ['ada', 'bob']) {
    const wiki = join(folder, 'wikis', slug)
    await mkdir(join(wiki, 'resources'), { recursive: true })
    await writeFile(join(wiki, 'LocalSettings.php'), '<?php # planted')
    await writeFile(join(wiki, 'pubwiki.ini'), 'planted')
    await writeFile(join(wiki, 'resources/a.css'), 'body {}')
    for (const name of ['index.php', 'api.php', 'rest.php']) await writeFile(join(wiki, name), standIn)
  }
  front = started.use(
    await serveMediaWiki({
      ...{ listen: { host: '127.0.0.1', port: 0 }, rootHost, wikisFolder: join(folder, 'wikis') },
      ...{ stateFolder: join(folder, 'state'), env: { PATH: process.env['PATH'] ?? '' } },
      status: (slug) => ({ state: slug === 'ada' || slug === 'bob' ? 'ready' : 'unknown' }),
    }),
  )
})
afterAll(() => started.disposeAsync())

const rows = rawRequests({
  hosts: ['ada.wikis.test', 'BOB.wikis.test:8430'],
  strangeHosts: [
    ...[
      '__proto__.wikis.test',
      '..wikis.test',
      'ada.wikis.test\0',
      'x.ada.wikis.test',
      'wikis.test',
      '',
      '127.0.0.1',
    ],
    ...['ada.wikis.test, bob.wikis.test', 'bob.wikis.test@ada.wikis.test', '../ada.wikis.test'],
  ],
  targets: [
    '/',
    '/wiki/Main_Page',
    '/index.php?title=X',
    '/api.php',
    '/rest.php/v1/page',
    '/resources/a.css',
  ],
  strangeTargets: [
    ...[
      '/pubwiki.ini',
      '//pubwiki.ini',
      '/resources/../pubwiki.ini',
      '/index.php/../pubwiki.ini',
      '/LocalSettings.php',
    ],
    ...[
      '/wiki/../pubwiki.ini',
      '/wiki/%2e%2e/LocalSettings.php',
      '/wiki/..%2fpubwiki.ini',
      '/index.php/../../bob/pubwiki.ini',
    ],
    ...['http://bob.wikis.test/wiki/Main_Page', '*', '', '/é', '/%00', '/resources/a.css/../../pubwiki.ini'],
  ],
  refused: [
    'GET /pubwiki.ini HTTP/1.1\r\nHost: ada.wikis.test\r\n\r\n',
    'GET /wiki/X HTTP/1.1\r\nHost: ada.wikis.test\r\nX-Wikistead-Wiki: bob\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n',
  ],
})

test('a connection that claims the Host header for itself leaves the wiki its name', async () => {
  const claim = Buffer.from('GET /wiki/X HTTP/1.1\r\nHost: ada.wikis.test\r\nConnection: Host\r\n\r\n')
  expect(await sendRow(front.port, claim, 'ada.wikis.test', 0)).toContain('[[right]]')
})

test('they lead to no other wiki, give nothing away, and leave the front and its PHP serving', async () => {
  let served = 0
  const some = fc.array(fc.tuple(rows, fc.nat({ max: 200 })), { minLength: 2, maxLength: 6 })
  const outlived = fc.asyncProperty(some, async (sent) => {
    const answers = await Promise.all(
      sent.map(([bytes, cut]) => sendRow(front.port, bytes, 'ada.wikis.test', cut)),
    )
    for (const answer of answers) {
      expect(answer).not.toMatch(/\[\[(?:wrong|believed)\]\]/)
      expect(answer).not.toMatch(givenAway)
      served += answer.split('[[right]]').length - 1
    }
    const { status, text } = await rawGet(front.port, 'bob.wikis.test', '/wiki/Main_Page')
    expect([status, text]).toEqual([200, expect.stringContaining('[[right]]')])
  })
  await fc.assert(outlived, { numRuns: 100 })
  // They are not all so bad that nothing is looked at.
  expect(served).toBeGreaterThan(20)
})
