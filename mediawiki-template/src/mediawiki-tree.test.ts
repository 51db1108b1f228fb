import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAtLeast, obtainMediaWikiTree } from './mediawiki-tree.ts'

describe('finding a MediaWiki', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wikistead-tree-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  test('fetches it once from this machine’s Debian mirror, however many ask, and keeps it', async () => {
    const lines: string[] = []
    const search = { cacheFolder: join(folder, 'cache'), onProgress: (line: string) => lines.push(line) }
    const [one, other] = await Promise.all([obtainMediaWikiTree(search), obtainMediaWikiTree(search)])
    expect(one.path).toBe(other.path)
    expect(one.version).toMatch(/^1\.43\.\d+$/)
    expect(lines.filter((line) => line.includes('downloading'))).toHaveLength(1)
    // Of the one package, of the other, and of a link between them.
    for (const file of [
      'index.php',
      'vendor/autoload.php',
      'includes/libs/ArrayUtils.php',
      'extensions/Cite/extension.json',
    ]) {
      await access(join(one.path, file))
    }
    expect((await readdir(search.cacheFolder)).sort()).toEqual(['mediawiki', 'mediawiki.lock'])
    const kept = await obtainMediaWikiTree(search)
    expect(kept.explanation).toContain('kept from an earlier run')
    expect(lines.filter((line) => line.includes('downloading'))).toHaveLength(1)
  })

  test('takes the one that was named, if it is one', async () => {
    const named = join(folder, 'named')
    const search = { named, cacheFolder: join(folder, 'cache') }
    await expect(obtainMediaWikiTree(search)).rejects.toThrow(
      `${named} is no MediaWiki; set WIKISTEAD_MEDIAWIKI`,
    )
    await mkdir(join(named, 'includes'), { recursive: true })
    await writeFile(join(named, 'includes/Defines.php'), "<?php\ndefine( 'MW_VERSION', '1.39.17' );\n")
    await expect(obtainMediaWikiTree(search)).rejects.toThrow('is 1.39.17, older than 1.43')
    await writeFile(join(named, 'includes/Defines.php'), "<?php\ndefine( 'MW_VERSION', '1.45.0-alpha' );\n")
    await expect(obtainMediaWikiTree(search)).rejects.toThrow('has no vendor/autoload.php')
    await mkdir(join(named, 'vendor'))
    await writeFile(join(named, 'vendor/autoload.php'), '<?php\n')
    expect(await obtainMediaWikiTree(search)).toMatchObject({ path: named, version: '1.45.0-alpha' })
    expect(await readdir(folder)).toEqual(['named'])
  })

  test('compares versions as numbers', () => {
    expect(isAtLeast('1.43.9', '1.43')).toBe(true)
    expect(isAtLeast('1.100.0', '1.43')).toBe(true)
    expect(isAtLeast('2.0', '1.43')).toBe(true)
    expect(isAtLeast('1.9.3', '1.43')).toBe(false)
    expect(isAtLeast('1.42.6', '1.43')).toBe(false)
  })
})
