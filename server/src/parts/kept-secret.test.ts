import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptSecret } from './kept-secret.ts'

test('many who ask at once get one secret, which only its owner reads and which is there the next time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-secret-'))
  try {
    const path = join(folder, 'deep', 'token')
    const secrets = await Promise.all(Array.from({ length: 20 }, () => keptSecret(path)))
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[\w-]{43}$/)
    expect(await readFile(path, 'utf8')).toBe(secrets[0])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'deep'))).toEqual(['token'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an empty file is no secret, and the mend is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-secret-'))
  try {
    await writeFile(join(folder, 'token'), '')
    await expect(keptSecret(join(folder, 'token'))).rejects.toThrow('remove it')
  } finally {
    await rm(folder, { recursive: true })
  }
})
