import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepExtensions } from './keep-extensions.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-extensions-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function mediawiki(name: string, version: string, extensions: readonly string[]): Promise<string> {
  const at = join(folder, name)
  await mkdir(join(at, 'includes'), { recursive: true })
  await writeFile(join(at, 'includes/Defines.php'), `<?php\ndefine( 'MW_VERSION', '${version}' );\n`)
  for (const each of extensions) {
    await mkdir(join(at, 'extensions', each), { recursive: true })
    await writeFile(join(at, 'extensions', each, 'extension.json'), '{}')
  }
  return at
}
const extensionsOf = async (at: string) => (await readdir(join(at, 'extensions'))).sort()

test('what an operator had put there is there again', async () => {
  const old = await mediawiki('old', '1.43.12', ['Cite', 'CirrusSearch', 'WikiFarm', 'WikiFarm.7.making'])
  // From elsewhere, by a link.
  await mediawiki('elsewhere', '1', ['Elastica'])
  await symlink(join(folder, 'elsewhere/extensions/Elastica'), join(old, 'extensions/Elastica'))
  const made = await mediawiki('new', '1.43.12', ['Cite', 'WikiFarm'])
  const { kept, left } = await keepExtensions(old, made, '1.43.12')
  expect([[...kept].sort(), left]).toEqual([['CirrusSearch', 'Elastica'], []])
  expect(await extensionsOf(made)).toEqual(['CirrusSearch', 'Cite', 'Elastica', 'WikiFarm'])
  expect(await readdir(join(made, 'extensions/Elastica'))).toEqual(['extension.json'])
})

test('what was of another MediaWiki is named, and not taken over', async () => {
  const old = await mediawiki('old', '1.43.12', ['CirrusSearch'])
  const made = await mediawiki('new', '1.44.0', ['Cite'])
  expect(await keepExtensions(old, made, '1.44.0')).toEqual({ kept: [], left: ['CirrusSearch'] })
  expect(await extensionsOf(made)).toEqual(['Cite'])
})

test('of a thin template they are those of the MediaWiki that it shares', async () => {
  const core = await mediawiki('core', '1.43.12', ['CirrusSearch'])
  const thin = join(folder, 'thin')
  await mkdir(thin)
  await symlink(core, join(thin, 'mediawiki'))
  await symlink('mediawiki/extensions', join(thin, 'extensions'))
  expect(await keepExtensions(thin, core, '1.43.12')).toEqual({ kept: [], left: [] })
  const other = await mediawiki('other', '1.43.12', ['Cite'])
  expect(await keepExtensions(thin, other, '1.43.12')).toEqual({ kept: ['CirrusSearch'], left: [] })
})

test('where there was no template there is nothing to keep', async () => {
  const made = await mediawiki('new', '1.43.12', ['Cite'])
  expect(await keepExtensions(join(folder, 'nothing'), made, '1.43.12')).toEqual({ kept: [], left: [] })
})
