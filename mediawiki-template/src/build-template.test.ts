import { execFile } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildTemplate } from './build-template.ts'
import { ourPhp } from './our-php.ts'

const run = promisify(execFile)

/** A tree with the shape of MediaWiki, for what is about files only. */
async function makeTree(folder: string, version: string): Promise<string> {
  for (const name of [
    'includes',
    'maintenance',
    'vendor',
    'resources',
    'skins',
    'extensions',
    'images',
    '.git',
  ]) {
    await mkdir(join(folder, name), { recursive: true })
  }
  await writeFile(join(folder, 'includes/Defines.php'), `<?php\ndefine( 'MW_VERSION', '${version}' );\n`)
  for (const name of [
    'index',
    'api',
    'load',
    'rest',
    'img_auth',
    'thumb',
    'opensearch_desc',
    'maintenance/run',
  ]) {
    await writeFile(join(folder, `${name}.php`), '<?php\n')
  }
  return folder
}

describe('building a template', () => {
  let folder: string
  let tree: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wikistead-template-'))
    tree = await makeTree(join(folder, 'tree'), '1.43.9')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test.each([0o077, 0o027])(
    'under a umask of %o PHP’s user reads all of it but pubwiki.ini',
    async (mask) => {
      const before = process.umask(mask)
      try {
        const unpacked = await makeTree(join(folder, 'unpacked'), '1.43.9')
        const extension = join(folder, 'extension')
        await mkdir(extension)
        await writeFile(join(extension, 'extension.json'), '{}')
        for (const thin of [false, true]) {
          const target = join(folder, 'new/farm', thin ? 'thin' : 'full')
          await mkdir(target, { recursive: true })
          await buildTemplate({ mediawikiTree: unpacked, target, thin, extension })
          await writeFile(join(target, 'FarmSettings.php'), '<?php', { mode: 0o640 })
          await buildTemplate({ mediawikiTree: unpacked, target, thin, extension })
          const folders = thin ? [target, `${target}-core`] : [target]
          const closed = [
            '(',
            '-type',
            'd',
            '!',
            '-perm',
            '-755',
            '-o',
            '-type',
            'f',
            '!',
            '-perm',
            '-644',
            ')',
          ]
          const { stdout } = await run('find', [...folders, ...closed])
          expect(stdout.trim().split('\n').toSorted()).toEqual(
            ['FarmSettings.php', 'pubwiki.ini'].map((name) => join(target, name)),
          )
          const { stdout: open } = await run('find', [...folders, '!', '-type', 'l', '-perm', '/022'])
          expect(open).toBe('')
          expect((await stat(join(target, 'pubwiki.ini'))).mode & 0o777).toBe(0o640)
        }
      } finally {
        process.umask(before)
      }
    },
  )

  test('takes nothing along of who had the MediaWiki before', async () => {
    for (const name of [
      'LocalSettings.php',
      'pubwiki.ini',
      'FarmSettings.php',
      'images/secret.png',
      '.git/config',
    ]) {
      await writeFile(join(tree, name), 'theirs')
    }
    const target = join(folder, 'template')
    const built = await buildTemplate({ mediawikiTree: tree, target })
    const none = { kept: [], left: [] }
    expect(built).toEqual({ path: target, mediawikiVersion: '1.43.9', core: undefined, extensions: none })
    expect(await readdir(join(target, 'images'))).toEqual([])
    const entries = await readdir(target)
    expect(entries).not.toContain('.git')
    expect(entries).not.toContain('FarmSettings.php')
    expect(await readFile(join(target, 'LocalSettings.php'), 'utf8')).toContain('pubwiki.ini')
    expect(await readFile(join(tree, 'LocalSettings.php'), 'utf8')).toBe('theirs')
    expect((await stat(join(target, 'pubwiki.ini'))).mode & 0o777).toBe(0o640)
    expect(entries.filter((name) => /making|old|new/.test(name))).toEqual([])
  })

  test('follows the links of a package into files of its own', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'Cite.php'), '<?php')
    await symlink(elsewhere, join(tree, 'extensions/Cite'))
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target })
    expect((await lstat(join(target, 'extensions/Cite'))).isDirectory()).toBe(true)
  })

  test('brings installPreConfigured for 1.43 only', async () => {
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target })
    expect(await readdir(join(target, 'maintenance'))).toContain('installPreConfigured.php')
    const newer = await makeTree(join(folder, 'newer'), '1.44.2')
    await writeFile(join(newer, 'maintenance/installPreConfigured.php'), '<?php // MediaWiki’s own')
    await buildTemplate({ mediawikiTree: newer, target })
    const script = await readFile(join(target, 'maintenance/installPreConfigured.php'), 'utf8')
    expect(script).toContain('MediaWiki’s own')
  })

  test('a thin one is a few links to one MediaWiki, which stays while templates come and go', async () => {
    const target = join(folder, 'template')
    const core = join(folder, 'core')
    const options = { mediawikiTree: tree, target, thin: true, core }
    expect(await buildTemplate(options)).toMatchObject({ core })
    expect(await readlink(join(target, 'mediawiki'))).toBe(core)
    expect((await readdir(target)).length).toBeLessThan(20)
    await writeFile(join(core, 'FarmSettings.php'), '<?php // the operator’s')
    const before = await stat(join(core, 'includes/Defines.php'))
    await buildTemplate({ ...options, coreForPhp: '/srv/core' })
    expect(await readlink(join(target, 'mediawiki'))).toBe('/srv/core')
    expect(await readFile(join(core, 'FarmSettings.php'), 'utf8')).toContain('the operator’s')
    expect((await stat(join(core, 'includes/Defines.php'))).ino).toBe(before.ino)
  })

  test('wikis keep the MediaWiki that they share: no other version takes its place', async () => {
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target, thin: true })
    const newer = await makeTree(join(folder, 'newer'), '1.44.2')
    await expect(buildTemplate({ mediawikiTree: newer, target, thin: true })).rejects.toThrow(
      `${target}-core holds MediaWiki 1.43.9, which wikis may use; name another folder for 1.44.2`,
    )
    await expect(buildTemplate({ mediawikiTree: tree, target, thin: true, core: tree })).rejects.toThrow(
      'holds something that is no shared MediaWiki',
    )
    expect(await readdir(tree)).not.toContain('LocalSettings.php')
  })

  test('replaces an older template, keeps the operator’s FarmSettings.php, and touches nothing else', async () => {
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target })
    await writeFile(join(target, 'FarmSettings.php'), '<?php // the operator’s')
    await writeFile(join(target, 'left-over'), '')
    await buildTemplate({ mediawikiTree: tree, target })
    expect(await readdir(target)).not.toContain('left-over')
    expect(await readFile(join(target, 'FarmSettings.php'), 'utf8')).toContain('the operator’s')
    expect((await readdir(folder)).sort()).toEqual(['template', 'tree'])

    // A wiki looks like a template, but for the values in its ini.
    const ini = await readFile(join(target, 'pubwiki.ini'), 'utf8')
    await writeFile(join(target, 'pubwiki.ini'), ini.replace('WIKI_DB_NAME=""', 'WIKI_DB_NAME="ada"'))
    for (const kept of [target, tree]) {
      await expect(buildTemplate({ mediawikiTree: tree, target: kept })).rejects.toThrow(
        'holds something that is no template',
      )
    }
    expect(await readFile(join(target, 'pubwiki.ini'), 'utf8')).toContain('WIKI_DB_NAME="ada"')
  })

  test('leaves the old template as it was when the copy fails', async () => {
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target })
    await symlink('/nowhere', join(tree, 'extensions/Dangling'))
    await expect(buildTemplate({ mediawikiTree: tree, target })).rejects.toThrow('Dangling')
    expect(await readdir(target)).toContain('LocalSettings.php')
    expect((await readdir(folder)).sort()).toEqual(['template', 'tree'])
  })

  test('refuses what is no MediaWiki, or too old a one', async () => {
    const target = join(folder, 'template')
    await expect(buildTemplate({ mediawikiTree: folder, target })).rejects.toThrow('is no MediaWiki')
    const old = await makeTree(join(folder, 'old'), '1.39.17')
    await expect(buildTemplate({ mediawikiTree: old, target })).rejects.toThrow(
      'is MediaWiki 1.39.17; a template takes 1.43 or newer',
    )
    expect(await readdir(folder)).not.toContain('template')
  })

  test.runIf(process.getuid?.() === 0)('gives PHP’s user what it writes and reads', async () => {
    const target = join(folder, 'template')
    await buildTemplate({ mediawikiTree: tree, target, phpUser: { uid: 33, gid: 33 } })
    expect(await stat(join(target, 'images'))).toMatchObject({ uid: 33, gid: 33 })
    expect(await stat(join(target, 'pubwiki.ini'))).toMatchObject({ uid: 0, gid: 33 })
    expect(await stat(join(target, 'LocalSettings.php'))).toMatchObject({ uid: 0 })
  })

  test('its pubwiki.ini is read by PHP, with the farm’s values in it', async () => {
    const target = join(folder, 'template')
    await chmod(folder, 0o755)
    const farm = {
      scheme: 'http',
      port: 8080,
      search: 'cirrus',
      trustedProxies: ['10.0.0.0/8', '::1'],
    } as const
    await buildTemplate({ mediawikiTree: tree, target, ...farm })
    const { stdout } = await run('php', [
      '-r',
      'echo json_encode( parse_ini_file( $argv[1] ) );',
      join(target, 'pubwiki.ini'),
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      WIKI_SITE_NAME: '',
      WIKI_URL_SCHEME: 'http',
      WIKI_URL_PORT: '8080',
      WIKIFARM_SEARCH: 'cirrus',
      WIKI_TRUSTED_PROXIES: '10.0.0.0/8,::1',
      WIKI_BOOTSTRAPING: 'true',
      WIKI_VISIBILITY: 'private',
    })
    await expect(buildTemplate({ mediawikiTree: tree, target, trustedProxies: ['"; x='] })).rejects.toThrow(
      'is no address',
    )
  })
})

test.for([
  'LocalSettings.php',
  'entry-point.php',
  'installPreConfigured.php',
  'makeFounder.php',
  'router.php',
  'shared-core/LocalSettings.php',
] as const)('PHP can read our %s', async (name) => {
  const { stdout } = await run('php', ['-l', ourPhp(name)])
  expect(stdout).toContain('No syntax errors')
})
