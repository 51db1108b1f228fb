import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { operationsPage } from './operations-page.ts'

test('docs/tasks.md says what the table of operations says', () => {
  const page = readFileSync(new URL('../../docs/tasks.md', import.meta.url), 'utf8')
  expect(page === operationsPage(), 'docs/tasks.md is stale: run `npm run docs`').toBe(true)
})
