import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holderOf, openDataFolder } from './data-folder.ts'
import { SetupError } from './setup-error.ts'

let folder: string
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'data-folder-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => started.disposeAsync())

/** Another process that holds the folder until it is killed. */
async function holdElsewhere(path: string) {
  const program = `
    import { openDataFolder } from ${JSON.stringify(new URL('data-folder.ts', import.meta.url).href)}
    const folder = openDataFolder(${JSON.stringify(path)})
    console.log('held')
    setInterval(() => folder.path, 1_000_000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.defer(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  return holder
}

test('a data folder is made with its parents, for its owner only', async () => {
  const path = join(folder, 'a', 'b')
  using opened = openDataFolder(path)
  expect(opened.path).toBe(path)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('an empty folder is closed to others, one with something in it is refused until its owner closes it', async () => {
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await chmod(empty, 0o755)
  openDataFolder(empty).release()
  expect((await stat(empty)).mode & 0o777).toBe(0o700)

  const used = join(folder, 'used')
  await mkdir(used)
  await chmod(used, 0o755)
  await writeFile(join(used, 'letter.txt'), '')
  expect(() => openDataFolder(used)).toThrow(`${used} is open to other users; run: chmod 700 ${used}`)
  expect((await stat(used)).mode & 0o777).toBe(0o755)
})

test('a second holder is refused in one line with the pid of the first and what to do', async () => {
  const holder = await holdElsewhere(folder)
  const refused = () => openDataFolder(folder)
  expect(refused).toThrow(SetupError)
  expect(refused).toThrow(
    `${folder} is in use by the process with pid ${holder.pid}; stop that one (kill ${holder.pid}) or choose another folder`,
  )
})

test('a holder killed with SIGKILL leaves the folder free', async () => {
  const holder = await holdElsewhere(folder)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  openDataFolder(folder).release()
})

test('who holds a folder can be asked without taking it', async () => {
  expect(holderOf(join(folder, 'not-there'))).toBeUndefined()
  const holder = await holdElsewhere(folder)
  expect(holderOf(folder)).toBe(holder.pid)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  expect(holderOf(folder)).toBeUndefined()
  openDataFolder(folder).release()
})

test('a released folder is free, for this process as well, and releasing twice frees no successor', () => {
  const first = openDataFolder(folder)
  expect(() => openDataFolder(folder)).toThrow(`pid ${process.pid}`)
  first.release()
  using second = openDataFolder(folder)
  first.release()
  expect(second.path).toBe(folder)
  expect(() => openDataFolder(folder)).toThrow(SetupError)
})

test('of many processes at once one gets the folder', async () => {
  const program = `
    import { openDataFolder } from ${JSON.stringify(new URL('data-folder.ts', import.meta.url).href)}
    try { openDataFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1_000_000) }
    catch (error) { console.log(error.name) }`
  const answers = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      started.defer(() => void child.kill('SIGKILL'))
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
      return line.trim()
    }),
  )
  expect(answers.sort()).toEqual([...Array<string>(5).fill('SetupError'), 'held'])
})
