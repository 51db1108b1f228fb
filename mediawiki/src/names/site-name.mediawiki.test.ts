/** What a name may be, compared with MediaWiki's own parser of titles in a real PHP. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Refusal } from '@wikistead/contracts'
import { siteNameFault, toTitle } from '@wikistead/contracts/site-names'
import { mediawikiTree } from '@wikistead/mediawiki-template/test/test-farm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { languages, parseSiteName } from './site-name.ts'

interface Named {
  readonly name: string
  readonly language: string
}

/** What MediaWiki has against each; null: nothing. */
async function askMediaWiki(names: readonly Named[]): Promise<readonly (string | null)[]> {
  const tree = await mediawikiTree()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-names-'))
  try {
    const settings = join(folder, 'LocalSettings.php')
    await writeFile(
      settings,
      `<?php
      $wgSecretKey = 'of no importance';
      $wgServer = 'https://wiki.example';
      $wgDBname = 'none';
      $wgMainCacheType = CACHE_NONE;
      $wgUseDatabaseMessages = false;
      $wgLocalisationCacheConf['storeDirectory'] = ${JSON.stringify(folder)};
      $wgLocalisationCacheConf['storeClass'] = LCStoreStaticArray::class;`,
    )
    const env = {
      ...{ PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
      ...{ MW_CONFIG_FILE: settings, MW_INSTALL_PATH: tree },
    }
    const script = join(import.meta.dirname, '../../test/readSiteNames.php')
    const php = spawn('php', [join(tree, 'maintenance/run.php'), script], { env })
    php.stdin.end(
      JSON.stringify(names.map(({ name, language }) => [name, namespaceOf(name, language), language])),
    )
    const [said, complained] = await Promise.all([text(php.stdout), text(php.stderr)])
    if (!said.startsWith('[')) throw new Error(`${said}\n${complained}`)
    return JSON.parse(said) as (string | null)[]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of a name that we refuse, what it would be. */
function namespaceOf(name: string, language: string): string {
  try {
    return parseSiteName(name, language).metaNamespace
  } catch {
    return toTitle(name)
  }
}

function isTaken({ name, language }: Named): boolean {
  try {
    return parseSiteName(name, language).name === name
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** Rules of our own beyond MediaWiki's: how a name looks, and what would end a link or an ini's line. */
const ofOurs = new Set(['empty', 'spaces', 'long', 'invisible', 'sign', 'path'])

const pieces = [
  ...['a', 'B', 'é', 'e\u0301', 'İ', 'ß', 'ς', 'ΟΔΟΣ', 'ノ', '百', '👩‍🚀', 'و', 'ש', '1', 'talk', 'User'],
  ...[
    '&',
    ';',
    '&amp;',
    '&lt',
    '&é;',
    '&#65;',
    '&nbsp;',
    'amp;',
    '%',
    '%4',
    '%41',
    '%C3%A9',
    '~',
    '~~',
    '~~~',
  ],
  ...['.', '..', '/', './', '/../', '/.', ':', '::', '#', '<', '>', '[', ']', '{', '}', '|', '$1', '\\', '+'],
  ...['?', '!', '"', "'", "''", '=', '*', '`', '^', '@', ',', '(', ')', '-', '_', '__', ' ', '  ', '\u00A0'],
  ...['\u1680', '\u2003', '\u3000', '\u200B', '\u200D', '\u200E', '\u200F', '\u202A', '\u202E', '\u2066'],
  ...['ﷺ', 'ﵥ', '\uFBDD', '\uFE70', 'ന്\u200D', 'ണ്\u200D'],
  ...[
    '\u2028',
    '\u00AD',
    '\uFEFF',
    '\uFFFD',
    '\u0085',
    '\t',
    '\u0301',
    'Project',
    'MediaWiki',
    'x'.repeat(60),
  ],
]
const language = fc.oneof(
  fc.constantFrom('en', 'de', 'tr', 'el', 'pl', 'zh-hans', 'ar', 'ml'),
  fc.constantFrom(...languages.map(({ code }) => code)),
)
const named = fc.record({
  name: fc.oneof(
    fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((name) => name.isWellFormed()),
  ),
  language,
})

test('thousands of names: what we take MediaWiki reads as it was written, and we refuse little else', async () => {
  const names = fc.sample(named, { numRuns: 6_000, seed: 12 })
  const answers = await askMediaWiki(names)
  const wronglyTaken = names.flatMap((each, at) =>
    isTaken(each) && answers[at] !== null ? [{ ...each, mediawiki: answers[at] }] : [],
  )
  expect(wronglyTaken).toEqual([])
  const needlesslyRefused = names.filter(
    (each, at) =>
      answers[at] === null &&
      !isTaken(each) &&
      !ofOurs.has(siteNameFault(each.name) ?? siteNameFault(toTitle(each.name)) ?? 'none of them'),
  )
  expect(needlesslyRefused).toEqual([])
  expect(names.filter(isTaken).length).toBeGreaterThan(1_000)
}, 300_000)

test('every built-in namespace of every language is refused as a name', async () => {
  const words = [
    'User',
    'File talk',
    'Project talk',
    'Category',
    'Image',
    'Special',
    'Media',
    'R&amp;D Notes',
  ]
  const names = languages.flatMap(({ code }) => words.map((name) => ({ name, language: code })))
  expect(names.filter(isTaken)).toEqual([])
  const answers = await askMediaWiki(names)
  expect(names.filter((_, at) => answers[at] === null)).toEqual([])
}, 300_000)
