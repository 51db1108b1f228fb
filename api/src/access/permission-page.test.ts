import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { permissionPage } from './permission-page.ts'

test('docs/permissions.md says what the table of permissions says', () => {
  const page = readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8')
  expect(page === permissionPage(), 'docs/permissions.md is stale: run `npm run docs`').toBe(true)
})
