/** The front over a real wiki of a real MediaWiki, as PHP's user. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadConfig } from '@wikistead/config'
import { mediawikiTree, startTestFarm } from '@wikistead/mediawiki-template/test/test-farm'
import { Visitor } from '@wikistead/mediawiki-template/test/visitor'
import { freshStore } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { createLogger } from '../parts/log.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { serveWikis } from './serve-wikis.ts'
import { buildConfiguredTemplate } from '../machine/template.ts'

const run = promisify(execFile)
const asRoot = process.getuid?.() === 0

test('a wiki opens when its row says that it is made, is edited, and closes when it is deleted', async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-real-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const farm = started.use(await startTestFarm())
  // PHP's user walks through both.
  for (const open of [folder, farm.folder]) await chmod(open, 0o755)
  const template = join(folder, 'template')
  const config = loadConfig({
    defaults: {
      ...{ wikifarmDir: farm.wikisFolder, wikifarmOauthDir: join(folder, 'oauth') },
      ...{ wikifarmTemplate: template, wikifarmRunner: 'host', wikiRootHost: 'wikis.example' },
      ...{ wikiDbHost: `127.0.0.1:${String(farm.port)}`, wikiDbAdminUser: 'root' },
      ...{ wikiDbAdminPassword: 'any', mediawikiWikiUrl: 'http://{domain}' },
    },
    env: { HOME: folder },
  })
  await buildConfiguredTemplate(config, {
    ...{ target: template, thin: true, onNote: () => undefined },
    env: { WIKISTEAD_MEDIAWIKI: await mediawikiTree() },
  })
  const wiki = await farm.makeWiki('ada', {}, template)
  await wiki.install()
  if (asRoot) {
    await run('chown', ['-R', 'www-data:www-data', join(wiki.folder, 'cache'), join(wiki.folder, 'images')])
  }

  const { store } = started.use(await freshStore('sqlite'))
  const { wiki_id: id } = await store.transaction(async ({ users, wikis }) => {
    const owner = await users.ensure({ name: 'Ada', role: 'member', issuer: 'test', subject: 'ada' })
    return wikis.insert({
      ...{ engine: 'mediawiki', address: 'ada', name: 'ada', status: 'creating', visibility: 'public' },
      ...{ customDomain: false, taskId: null },
      ...{ ownerId: owner.user_id, ownerSubject: 'ada', ownerName: 'Ada' },
    })
  })
  const watch = new PartWatch(createLogger('silent'))
  const listen = { host: '127.0.0.1', port: 0 }
  const front = started.use(await serveWikis(config, { store, listen, watch, path: process.env['PATH'] }))
  const visitor = new Visitor(front.port)
  const host = 'ada.wikis.example'
  const making = await visitor.get(host, '/wiki/Main_Page')
  expect([making.status, making.text]).toEqual([503, expect.stringContaining('This wiki is being made')])

  await store.transaction(({ wikis }) => wikis.change(id, { status: 'active' }))
  const page = await visitor.get(host, '/wiki/Main_Page')
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('The wiki ada')])
  const styles = await visitor.get(host, '/load.php?modules=skins.vector.styles&only=styles&skin=vector-2022')
  expect(styles.headers['content-type']).toContain('text/css')
  const token = await visitor.token(host, 'csrf')
  const edited = await visitor.api(host, { action: 'edit', title: 'Engine', text: 'Analytical', token })
  expect(edited).toMatchObject({ edit: { result: 'Success' } })
  expect((await visitor.get(host, '/wiki/Engine')).text).toContain('Analytical')

  await store.transaction(({ wikis }) =>
    wikis.change(id, { status: 'archived', purge_after: Date.UTC(2030, 0, 2) }),
  )
  const deleted = await visitor.get(host, '/wiki/Main_Page')
  expect(deleted.status).toBe(410)
  expect(deleted.text).toContain('bring it back until 2030-01-02 00:00 UTC')
})
