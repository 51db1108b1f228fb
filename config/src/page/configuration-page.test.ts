import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configurationPage } from './configuration-page.ts'
import { settings } from '../settings/settings.ts'

test('docs/configuration.md says what the schema says', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  expect(page === configurationPage(), 'docs/configuration.md is stale: run `npm run docs`').toBe(true)
})

test('every setting has a row with its flag, its variable and its default', () => {
  const rows = configurationPage().split('\n')
  for (const { name, flag, env, default: words } of settings) {
    const cells = rows
      .find((row) => row.startsWith(`| \`${name}\` `))
      ?.split('|')
      .map((cell) => cell.trim())
    const shown = flag === undefined ? 'none' : `\`${flag}\``
    expect(cells?.slice(1, 4)).toEqual([`\`${name}\``, shown, `\`${env}\``])
    expect(cells?.[5]).toBe(words ?? '')
  }
})
