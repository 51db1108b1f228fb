import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { commandPage } from './command-page.ts'
import { exitCodes } from './errors.ts'

test('docs/cli.md is what the program says: else run `npm run docs`', async () => {
  expect(await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')).toBe(commandPage())
})

test('no two exit codes are the same', () => {
  const codes = Object.values(exitCodes)
  expect(new Set(codes).size).toBe(codes.length)
})
