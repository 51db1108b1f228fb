/** `command.sh` itself, at moments that a runner cannot be brought to at will. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandScript } from './command-place.ts'

const execute = promisify(execFile)
let files: string

beforeEach(async () => {
  files = await mkdtemp(join(tmpdir(), 'wikistead-command-'))
  await mkdir(join(files, 'run'))
})
afterEach(() => rm(files, { recursive: true, force: true }))

async function exitCodeOf(...args: Parameters<typeof commandScript>): Promise<number> {
  return execute('sh', [...commandScript(...args)]).then(
    () => 0,
    (error: { code: number }) => error.code,
  )
}
const ranFile = () => join(files, 'ran')
const run = () => exitCodeOf('run', files, 'name', tmpdir(), '100', 'touch', ranFile())
const put = (file: string, text = '') => writeFile(join(files, file), text)
const ran = async () => (await readdir(files)).includes('ran')

test('a start that arrives after the command was called off starts nothing', async () => {
  await put('stop', 'cancel')
  expect(await run()).toBe(0)
  expect(await ran()).toBe(false)
  await rm(join(files, 'stop'))
  expect(await run()).toBe(0)
  expect(await ran()).toBe(true)
})

test('a command that ended just when its watch was killed is not run again', async () => {
  await put('run/pid', '1\n')
  await put('run/code', '4\n')
  expect(await run()).toBe(0)
  expect(await ran()).toBe(false)
  expect(await readFile(join(files, 'run/exit'), 'utf8')).toBe('4\n')
})

test('an exit code that a full disk kept from being written is none', async () => {
  await put('run/pid', '1\n')
  await put('run/exit')
  await put('run/code')
  expect(await run()).toBe(0)
  expect(await ran()).toBe(true)
  expect(await readFile(join(files, 'run/exit'), 'utf8')).toBe('0\n')
})

test('a held lock keeps a second start away, and a look and a stop see it', async () => {
  const script = `exec 9>>"$1/run/lock"; flock -n 9; shift; for mode in "$@"; do sh -c "$SCRIPT" sh $mode 9>&-; echo $?; done`
  const [, text = ''] = commandScript('look')
  const modes = [`run ${files} name /tmp 100 touch ${ranFile()}`, `look ${files} name`]
  const { stdout } = await execute('sh', ['-c', script, 'sh', files, ...modes], {
    env: { ...process.env, SCRIPT: text },
  })
  expect(stdout).toBe('75\n1\n')
  expect(await ran()).toBe(false)
  expect(await exitCodeOf('look', files, 'name')).toBe(0)
})

test('each way to be unable has its own exit code', async () => {
  expect(await exitCodeOf('run', `${files}/nosuch`, 'name', '/tmp', '100', 'true')).toBe(70)
  expect(await exitCodeOf('run', files, 'name', `${files}/nosuch`, '100', 'true')).toBe(71)
  const args = commandScript('run', files, 'name', '/tmp', '100', 'true')
  await expect(execute('/bin/sh', [...args], { env: { PATH: '/nosuch' } })).rejects.toMatchObject({
    code: 72,
  })
})
