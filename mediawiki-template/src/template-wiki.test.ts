import { realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, schemaOf } from '../test/database-content.ts'
import { env, mediawikiTree, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import { buildTemplate } from './build-template.ts'

const name = `Ada's "Notes" \${HOME}; = ! 🦊 عربي`
const names = { WIKI_SITE_NAME: name, WIKI_META_NAMESPACE: name.replaceAll(' ', '_') }
const kinds = ['thin', 'full'] as const

describe('wikis of a thin and of a full template', () => {
  let site: TestSite
  let wikis: Record<(typeof kinds)[number], TestWiki>
  beforeAll(async () => {
    site = await startTestSite()
    const template = join(site.farm.folder, 'full')
    await buildTemplate({ mediawikiTree: await mediawikiTree(), target: template, scheme: 'http' })
    wikis = {
      thin: await site.openWiki('thin', names),
      full: await site.openWiki('full', names, template),
    }
  })
  afterAll(() => site[Symbol.asyncDispose]())

  test('have the same tables and the same rows', async () => {
    expect(await schemaOf(wikis.thin)).toEqual(await schemaOf(wikis.full))
    expect(await rowsOf(wikis.thin)).toEqual(await rowsOf(wikis.full))
    expect(Object.keys(await schemaOf(wikis.thin)).length).toBeGreaterThan(50)
  })

  test.for(kinds)('show their main page under their own name (%s)', async (kind) => {
    const home = await site.visitor().get(hostOf(kind), '/')
    expect([home.status, home.headers['location']]).toEqual([301, `http://${hostOf(kind)}/wiki/Main_Page`])
    const page = await site.visitor().get(hostOf(kind), '/wiki/Main_Page')
    expect(page.status).toBe(200)
    expect(page.text).toContain(`<title>${name}</title>`)
    const { query } = await site.visitor().api(hostOf(kind), {
      action: 'query',
      meta: 'siteinfo',
      siprop: 'general|namespaces',
    })
    expect(query).toMatchObject({
      general: { sitename: name, wikiid: wikis[kind].database, lang: 'en' },
      namespaces: { 4: { name } },
    })
  })

  test('answer alike', async () => {
    const paths = [
      '/wiki/Main_Page',
      '/wiki/Special:Version',
      '/wiki/Special:AllMessages?limit=50',
      '/api.php?action=query&meta=siteinfo&siprop=namespaces|extensions|skins|specialpagealiases|usergroups&format=json',
      '/load.php?lang=en&modules=skins.vector.styles&only=styles&skin=vector-2022',
      '/load.php?lang=en&modules=jquery|mediawiki.util|oojs-ui-core&only=scripts&skin=vector-2022',
      '/resources/assets/poweredby_mediawiki.svg',
    ]
    for (const path of paths) {
      const [thin, full] = await Promise.all(
        kinds.map(async (kind) => {
          const { status, text } = await site.visitor().get(hostOf(kind), path)
          return { status, text: impersonal(text, wikis[kind]) }
        }),
      )
      expect(thin, path).toEqual(full)
      expect(thin?.status, path).toBe(200)
    }
  })

  test.for(kinds)('take an edit, show it, and find its words (%s)', async (kind) => {
    const anon = site.visitor()
    const edited = await anon.edit(hostOf(kind), 'Größe & Maß/Über', 'The quokka is a *marsupial*.')
    expect(edited).toMatchObject({ edit: { result: 'Success', new: true } })
    const title = encodeURIComponent('Größe_&_Maß/Über')
    expect((await anon.get(hostOf(kind), `/wiki/${title}`)).text).toContain('The quokka is a')
    const search = { action: 'query', list: 'search', srsearch: 'quokka', srwhat: 'text' }
    // MediaWiki answers an edit before its index knows of it.
    await expect
      .poll(() => anon.api(hostOf(kind), search))
      .toMatchObject({ query: { search: [{ title: 'Größe & Maß/Über' }] } })
    const rest = await anon.get(hostOf(kind), `/rest.php/v1/page/${title}`)
    expect(JSON.parse(rest.text)).toMatchObject({ source: 'The quokka is a *marsupial*.' })
  })

  test.for(kinds)('run maintenance scripts for themselves, wherever they are called (%s)', async (kind) => {
    const { folder, database } = wikis[kind]
    const script = ['getConfiguration', '--settings', 'wgDBname', '--format', 'json']
    const elsewhere = kind === 'thin' ? wikis.full.folder : '/'
    const calls: [string, readonly string[]][] = [
      [folder, ['maintenance/run']],
      [folder, ['./maintenance/run.php']],
      [join(folder, '..'), [`${kind}/maintenance/run.php`]],
      [elsewhere, [join(folder, 'maintenance/run.php')]],
    ]
    for (const [cwd, command] of calls) {
      const { stdout } = await run('php', [...command, ...script], { cwd, env })
      expect(JSON.parse(stdout), `${command.join(' ')} in ${cwd}`).toEqual({ wgDBname: database })
    }
  })

  test.for(kinds)('make their founder with one and the same command (%s)', async (kind) => {
    const { folder } = wikis[kind]
    const command = ['maintenance/run', 'makeFounder']
    const { stdout } = await run('php', command, { cwd: folder, env: { ...env, WIKISTEAD_FOUNDER: 'Ada' } })
    expect(JSON.parse(stdout)).toMatchObject({ user: 'Ada', groups: ['bureaucrat', 'sysop'] })
  })

  test.for(kinds)(
    'run an extension’s scripts for themselves, as CirrusSearch’s are called (%s)',
    async (kind) => {
      const { folder } = wikis[kind]
      const settings = join(folder, 'FarmSettings.php')
      await writeFile(settings, "<?php wfLoadExtension( 'ReplaceText' );")
      await site.visitor().edit(hostOf(kind), `Only on the ${kind} one`, 'wombat')
      const script = 'extensions/ReplaceText/maintenance/replaceAll.php'
      const { stdout } = await run('php', [script, 'wombat', 'koala', '--nsall', '--dry-run'], {
        cwd: folder,
        env,
      })
      expect(stdout.trim().split('\n')).toEqual([`Only on the ${kind} one`])
      await rm(settings)
    },
  )

  test('a shared MediaWiki acts for no wiki but the one it was called through', async () => {
    const core = await realpath(join(wikis.thin.folder, 'mediawiki'))
    for (const cwd of ['/', wikis.thin.folder, core]) {
      const called = run('php', [join(core, 'maintenance/run'), 'version'], { cwd, env })
      await expect(called, cwd).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('This is the MediaWiki that wikis share') as string,
      })
    }
  })
})

/** Without what is different in every wiki and every answer. */
function impersonal(text: string, { slug, database }: TestWiki): string {
  return text
    .replaceAll(hostOf(slug), 'HOST')
    .replaceAll(database, 'DATABASE')
    .replace(/"wgRequestId":"[^"]*"/g, '')
    .replace(/"wgPageParseReport":\{.*|"wgBackendResponseTime":\d+/g, '')
    .replace(/<li id="footer-info-lastmod">.*/, '')
    .replace(/<!--[^]*?-->/g, '')
}
