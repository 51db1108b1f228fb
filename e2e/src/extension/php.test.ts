/** The extension's PHP by itself: it can be read, it is written as MediaWiki's is, and PHPUnit passes. */
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { mediawikiTree } from '@wikistead/mediawiki-template/test/test-farm'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../../extension', import.meta.url))
const PATH = process.env['PATH'] ?? '/usr/bin:/bin'

/** What it wrote, also when it failed. */
async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { cwd: folder, env: { PATH, ...env } })
    return { ok: true, stdout }
  } catch (error) {
    return { ok: false, stdout: String((error as { stdout?: unknown }).stdout ?? error) }
  }
}

test('PHP can read every file', async () => {
  const files = globSync('**/*.php', { cwd: folder, exclude: (name) => name === 'node_modules' })
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    const { ok, stdout } = await run('php', ['-l', file])
    expect(ok, stdout).toBe(true)
  }
})

test('it is written by MediaWiki’s conventions', async () => {
  const { ok, stdout } = await run('phpcs', ['--standard=phpcs.xml', '-q'])
  expect(ok, stdout).toBe(true)
})

test('PHPUnit passes', async () => {
  const { ok, stdout } = await run('phpunit', ['-c', 'tests/phpunit/phpunit.xml'], {
    WIKISTEAD_MEDIAWIKI: await mediawikiTree(),
  })
  expect(ok, stdout).toBe(true)
  expect(Number(/OK \((\d+) tests/.exec(stdout)?.[1])).toBeGreaterThan(150)
})

test('every text is explained, and in every language that there is', () => {
  const texts = (language: string) =>
    JSON.parse(readFileSync(`${folder}/i18n/${language}.json`, 'utf8')) as Record<string, string>
  const keys = Object.keys(texts('en'))
    .filter((key) => key !== '@metadata')
    .sort()
  for (const language of ['qqq', 'zh-hans', 'ar'])
    expect(Object.keys(texts(language)).sort().slice(1), language).toEqual(keys)
  const variables = (text: string) => [...text.matchAll(/\$\d/g)].map(String).sort()
  for (const language of ['zh-hans', 'ar']) {
    for (const key of keys)
      expect([key, variables(texts(language)[key] ?? '')]).toEqual([key, variables(texts('en')[key] ?? '')])
  }
})
