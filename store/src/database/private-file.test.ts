import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openStore } from '../store.ts'

const run = promisify(execFile)
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

async function ownFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-private-'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Opens the store with a umask that keeps nothing from anybody, and prints the modes of its files meanwhile. */
async function modesOf(filename: string): Promise<string> {
  const program = `
    process.umask(0)
    const { statSync } = await import('node:fs')
    const { openStore } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
    const filename = ${JSON.stringify(filename)}
    const store = await openStore({ engine: 'sqlite', filename })
    await store.settings.set('a', 'b')
    console.log(['', '-wal', '-shm'].map((rest) => (statSync(filename + rest).mode & 0o777).toString(8)).join(' '))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  return stdout.trim()
}

test('whatever the umask, a store and what SQLite keeps beside it are their owner’s alone', async () => {
  await using own = await ownFolder()
  expect(await modesOf(join(own.folder, 'store.db'))).toBe('600 600 600')
})

test('a store that others could read is closed to them at the next start', async () => {
  await using own = await ownFolder()
  const filename = join(own.folder, 'store.db')
  {
    await using store = await openStore({ engine: 'sqlite', filename })
    await store.settings.set('a', 'b')
    for (const rest of ['', '-wal', '-shm']) chmodSync(`${filename}${rest}`, 0o666)
    expect(await modesOf(filename)).toBe('600 600 600')
  }
  expect(modeOf(filename)).toBe('600')
})

test('in a folder where everybody may write no store is opened, save where only owners can replace a file', async () => {
  await using own = await ownFolder()
  const folder = join(own.folder, 'open')
  mkdirSync(folder)
  const filename = join(folder, 'store.db')
  chmodSync(folder, 0o777)
  await expect(openStore({ engine: 'sqlite', filename })).rejects.toMatchObject({
    name: 'StoreExposed',
    message: expect.stringContaining(`chmod o-w ${folder}`) as string,
  })
  chmodSync(folder, 0o1777)
  await using store = await openStore({ engine: 'sqlite', filename })
  await store.ping()
})
