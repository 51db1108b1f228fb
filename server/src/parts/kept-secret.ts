import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { learnSecret } from '@wikistead/contracts/hide-secrets'

/**
 * The secret in that file, made when it is missing: 256 random bits, readable by its owner only. The file appears
 * whole or not at all, whoever else makes it at the same time. While it is being changed, its first line is the new one.
 * @throws Error when it is empty
 */
export async function keptSecret(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(32).toString('base64url'))
      await file.sync()
    } finally {
      await file.close()
    }
    await link(unfinished, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(unfinished, { force: true })
  }
  const [secret = ''] = (await readFile(path, 'utf8')).trim().split('\n')
  if (secret === '') throw new Error(`${path} is empty: remove it, and it is made anew`)
  learnSecret(secret)
  return secret
}
