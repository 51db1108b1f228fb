import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { balancerConfig } from './balancer.ts'

test('the drill sets HAProxy up as the docs say', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/temporal.md'), 'utf8')
  expect(page).toContain(balancerConfig('127.0.0.1:7233', ['10.0.0.11:7233', '10.0.0.12:7233']))
})
