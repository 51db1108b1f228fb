import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { env, mediawikiTree, run } from '../test/test-farm.ts'
import { buildTemplate } from './build-template.ts'
import { checkTemplate } from './check-template.ts'
import { mediaWikiVersion } from './mediawiki-tree.ts'

describe('checking a template', () => {
  let folder: string
  let template: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wikistead-check-'))
    template = join(folder, 'template')
  })
  beforeEach(async () => {
    await rm(template, { recursive: true, force: true })
    // The MediaWiki that it shares is copied once.
    await buildTemplate({ mediawikiTree: await mediawikiTree(), target: template, thin: true })
  })
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  const problems = async (php?: string) => {
    const check = await checkTemplate(template, { env, ...(php !== undefined && { php }) })
    for (const { problem, mend } of check.problems) {
      expect(problem.length).toBeGreaterThan(10)
      expect(mend.length).toBeGreaterThan(10)
    }
    return check.problems.map(({ problem }) => problem).join('\n')
  }
  const replaceInSettings = async (from: string | RegExp, to: string) => {
    const file = join(template, 'LocalSettings.php')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(from)
    await writeFile(
      file,
      text.replace(from, () => to),
    )
  }

  test('finds nothing wrong with what was just built', async () => {
    expect(await checkTemplate(template, { env })).toEqual({
      mediawikiVersion: await mediaWikiVersion(await mediawikiTree()),
      thin: true,
      problems: [],
    })
  })

  describe('that is to search with CirrusSearch, with stand-ins for its extensions', () => {
    const extensions = () => join(`${template}-core`, 'extensions')
    const cirrus = async () => {
      const { problems: found } = await checkTemplate(template, { env }, 'cirrus')
      return found.filter(({ isDoubt }) => isDoubt !== true).map(({ problem }) => problem)
    }
    const put = async (name: string, classes: string) => {
      await mkdir(join(extensions(), name, 'vendor'), { recursive: true })
      const config = Object.fromEntries(
        ['Servers', 'IndexBaseName', 'WriteIsolateClusters'].map((key) => [key, { value: [] }]),
      )
      const json = { name, manifest_version: 2, config_prefix: `wg${name}`, config }
      await writeFile(join(extensions(), name, 'extension.json'), JSON.stringify(json))
      await writeFile(join(extensions(), name, 'vendor/autoload.php'), `<?php ${classes}`)
    }
    const libraries = {
      Elastica: 'namespace Elastica { class Client {} } namespace Elasticsearch\\Endpoints { class Bulk {} }',
      CirrusSearch: 'namespace { class TextCat {} } namespace LuceneExplain { class ExplainFactory {} }',
    }
    afterEach(async () => {
      for (const name of ['Elastica', 'CirrusSearch'])
        await rm(join(extensions(), name), { recursive: true, force: true })
    })

    test('names both where they are missing', async () => {
      expect(await cirrus()).toEqual([
        expect.stringMatching(/extensions\/Elastica is missing$/),
        expect.stringMatching(/extensions\/CirrusSearch is missing$/),
      ])
    })

    test('names what has no libraries', async () => {
      await put('Elastica', '')
      await put('CirrusSearch', libraries.CirrusSearch)
      expect(await cirrus()).toEqual([
        expect.stringMatching(/Elastica lacks its libraries \(Elastica\\Client\)/),
      ])
    })

    test('finds nothing wrong with what is whole, and settings that do otherwise', async () => {
      await put('Elastica', libraries.Elastica)
      await put('CirrusSearch', libraries.CirrusSearch)
      expect(await cirrus()).toEqual([])
      await replaceInSettings(/'auth_type' => 'basic',/, '')
      await replaceInSettings("$pubwiki['OPENSEARCH_INDEX_BASE'] ?? $wgDBname", '$wgDBname')
      expect(await cirrus()).toEqual([
        expect.stringContaining('$wgCirrusSearchServers by OPENSEARCH_USER and OPENSEARCH_PASSWORD'),
        expect.stringContaining('$wgCirrusSearchIndexBaseName by OPENSEARCH_INDEX_BASE'),
      ])
    })

    test('says what settings end with that cannot be loaded', async () => {
      await put('Elastica', libraries.Elastica)
      await put('CirrusSearch', libraries.CirrusSearch)
      await writeFile(join(extensions(), 'CirrusSearch/extension.json'), '{')
      expect(await cirrus()).toEqual([
        expect.stringMatching(/^with WIKIFARM_SEARCH=cirrus .* does not run: /),
      ])
    })
  })

  test('names what is missing', async () => {
    for (const name of ['api.php', 'pubwiki.ini', 'resources']) await rm(join(template, name))
    const found = await problems()
    for (const name of ['api.php', 'pubwiki.ini', 'resources']) expect(found).toContain(`${name} is missing`)
  })

  test('notices that the shared MediaWiki is gone, or that there is none', async () => {
    await rename(`${template}-core`, `${template}-gone`)
    expect(await problems()).toContain('links to no MediaWiki')
    await rename(`${template}-gone`, `${template}-core`)
    const nothing = await checkTemplate(join(folder, 'nothing'), { env })
    expect(nothing.problems[0]?.problem).toContain('holds no MediaWiki')
  })

  test.for(['installPreConfigured.php', 'makeFounder.php'])('notices that %s is missing', async (name) => {
    await rm(join(`${template}-core`, 'maintenance', name))
    expect(await problems()).toContain(`${name} is missing`)
  })

  test('doubts a PHP without gd, and says what it needs to one that has next to nothing', async () => {
    const scanned = (await run('php', ['--ini'], { env })).stdout
    const settings = /^Scan for additional .ini files in: (.+)$/m.exec(scanned)?.[1] ?? ''
    const without = await mkdtemp(join(folder, 'ini-'))
    for (const name of await readdir(settings)) {
      if (!name.endsWith('-gd.ini')) await symlink(join(settings, name), join(without, name))
    }
    const noGd = await checkTemplate(template, { env: { ...env, PHP_INI_SCAN_DIR: without } })
    expect(noGd.problems).toEqual([
      {
        isDoubt: true,
        problem: expect.stringMatching(/^pictures have no thumbnails: PHP lacks gd/) as string,
        mend: expect.stringContaining('apt-get install php-gd') as string,
      },
    ])
    const bare = await checkTemplate(template, { env: { ...env, PHP_INI_SCAN_DIR: '' } })
    const [lacks] = bare.problems
    expect(lacks?.problem).toMatch(/^PHP lacks mysqli, intl, mbstring, xml, dom/)
    expect(lacks?.mend).toContain('apt-get install php-mysql php-intl php-mbstring php-xml')
    expect(lacks?.isDoubt).toBeUndefined()
  })

  test('notices extras that are asked for and not there, and a visual editor without its library', async () => {
    const target = join(folder, 'rich')
    await buildTemplate({ mediawikiTree: await mediawikiTree(), target, thin: true, extras: true })
    const problemsOf = async () => (await checkTemplate(target, { env })).problems
    expect(await problemsOf()).toEqual([])
    const library = join(`${target}-core`, 'extensions/VisualEditor/lib')
    await rename(library, `${library}-away`)
    expect(await problemsOf()).toMatchObject([
      { isDoubt: true, mend: expect.stringContaining('submodule') as string },
    ])
    await rename(`${library}-away`, library)
    await rm(join(`${target}-core`, 'extras'), { recursive: true })
    expect(await problemsOf()).toMatchObject([
      { problem: expect.stringContaining('has no extras') as string },
    ])
  })

  test('notices a MediaWiki that is too old', async () => {
    const defines = join(`${template}-core`, 'includes/Defines.php')
    const text = await readFile(defines, 'utf8')
    await writeFile(defines, text.replace(/('MW_VERSION', )'[^']+'/, "$1'1.39.17'"))
    expect(await problems()).toContain('is MediaWiki 1.39.17')
    await writeFile(defines, text)
  })

  test('notices PHP that cannot be read, with its line', async () => {
    await replaceInSettings('$wgScriptPath', '$wgScriptPath = = ')
    expect(await problems()).toMatch(/PHP cannot read LocalSettings.php: .*on line \d+/)
  })

  test('notices an ini that PHP cannot read, is open to everybody, or holds a password', async () => {
    const ini = join(template, 'pubwiki.ini')
    const text = await readFile(ini, 'utf8')
    await writeFile(ini, `${text}X="never closed\n`)
    expect(await problems()).toContain('PHP cannot read pubwiki.ini')
    await writeFile(ini, text.replace('WIKI_DB_PASSWORD=""', 'WIKI_DB_PASSWORD="hunter2"'))
    await chmod(ini, 0o644)
    const found = await problems()
    expect(found).toContain('holds a database password')
    expect(found).toContain('open to every user')
    expect(found).not.toContain('hunter2')
  })

  test.for([
    ["$pubwiki['WIKI_SITE_NAME']", "'My wiki'", '$wgSitename by WIKI_SITE_NAME'],
    ["$pubwiki['WIKI_DB_HOST']", "'localhost'", '$wgDBserver by WIKI_DB_HOST'],
    ["$pubwiki['WIKI_DB_NAME']", "'my_wiki'", '$wgDBname by WIKI_DB_NAME'],
    ["$pubwiki['WIKI_LANG']", "'en'", '$wgLanguageCode by WIKI_LANG'],
    ["$pubwiki['WIKI_HOST_URL']", "'my.wiki'", '$wgServer by WIKI_HOST_URL'],
    ['$wikiHasHub && !$wikiIsBootstrapping', '$wikiHasHub', '$wgSharedDB by WIKI_BOOTSTRAPING'],
    [
      "'user', 'user_properties', 'actor' ];",
      "'user' ]; $wgSharedDB = null;",
      '$wgSharedDB by WIKI_SHARED_DB_NAME',
    ],
    ["require __DIR__ . '/SharedAccounts.php';", '', '$wgRevokePermissions by WIKI_SHARED_DB_NAME'],
    ["( $pubwiki['WIKI_VISIBILITY'] ?? '' ) === 'public'", 'true', '$wgGroupPermissions by WIKI_VISIBILITY'],
    [/\$wgSecretKey = .*/, "$wgSecretKey = 'secret';", 'gives every wiki the same $wgSecretKey'],
  ] as const)('notices settings that ignore the ini: %s', async ([from, to, problem]) => {
    await replaceInSettings(from, to)
    expect(await problems()).toContain(problem)
  })

  test('says why settings do not run', async () => {
    await replaceInSettings('$wgPingback = false;', "wfLoadExtension( 'NoSuchExtension' );")
    expect(await problems()).toMatch(/LocalSettings.php does not run: .*NoSuchExtension/)
  })

  test('notices PHP that is missing, or lacks what MediaWiki needs', async () => {
    expect(await problems('/nowhere/php')).toContain('/nowhere/php does not run')
    const bare = join(folder, 'bare-php')
    await writeFile(bare, '#!/bin/sh\nexec php -n "$@"\n', { mode: 0o755 })
    expect(await problems(bare)).toMatch(/PHP lacks mysqli, intl, mbstring/)
  })

  test('changes nothing', async () => {
    const stamps = async () =>
      Promise.all(
        (await readdir(template)).map(async (name) => [name, (await lstat(join(template, name))).ctimeMs]),
      )
    const before = await stamps()
    await problems()
    expect(await stamps()).toEqual(before)
  })
})
