import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from './version.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

test('the package, its lock file, the changelog and what is served say one number', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  const lock = JSON.parse(read('package-lock.json')) as { packages: { '': { version?: string } } }
  expect(lock.packages[''].version).toBe(version)
  expect(/^## (.*)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(`Unreleased: ${version}`)
})
