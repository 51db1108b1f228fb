/** Networks and doors of somebody who is not root, against root, themselves and another user. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const isRoot = process.getuid?.() === 0
/** Nobody made them. */
const owner = { uid: 64_994, gid: 64_994 }
const stranger = { uid: 64_995, gid: 64_995 }
const env = { PATH: '/usr/bin:/bin' }

let folder: string
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'own-net-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  if (isRoot) await chown(folder, owner.uid, owner.gid)
})
afterEach(() => started.disposeAsync())

/** Greets whoever comes to the port that everybody knows; whether it is its owner’s that it may have a network is told first. */
const program = () => `
  import { createServer } from 'node:net'
  import { canHaveOwnNet } from ${JSON.stringify(new URL('own-net.ts', import.meta.url).href)}
  import { openOwnersDoor } from ${JSON.stringify(new URL('owners-door.ts', import.meta.url).href)}
  import { chooseFreePort } from ${JSON.stringify(new URL('../free-port.ts', import.meta.url).href)}
  import { startProcessGroup } from ${JSON.stringify(new URL('../process-group.ts', import.meta.url).href)}
  const socket = ${JSON.stringify(join(folder, 'way-in.sock'))}
  if (!canHaveOwnNet(socket)) { console.log('none'); process.exit() }
  const port = await chooseFreePort('127.0.0.1')
  const greeter = "require('node:net').createServer((visitor) => visitor.end('hello')).listen(7233, '127.0.0.1')"
  await startProcessGroup({
    command: process.execPath, args: ['-e', greeter], env: {},
    logFile: ${JSON.stringify(join(folder, 'log'))}, net: { socket, port: 7233 },
  })
  await openOwnersDoor({ ip: '127.0.0.1', port, socket })
  console.log(port)`

/** What a user hears at a port of this machine. */
async function heard(port: string, user: { readonly uid: number; readonly gid: number }): Promise<string> {
  const visit = `const socket = require('node:net').connect(${port}, '127.0.0.1').on('error', () => process.exit())
    socket.on('data', (data) => console.log(String(data))).on('close', () => process.exit())`
  const run = promisify(execFile)(process.execPath, ['-e', visit], { ...user, cwd: '/', env })
  return (await run).stdout.trim()
}

describe.skipIf(!isRoot)('a server of somebody who is not root (needs root, to be others)', () => {
  test('is reached by its owner and by root, and by nobody else, at its door and beside it', async (context) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program()], {
      ...{ ...owner, cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] },
    })
    started.defer(() => void child.kill('SIGKILL'))
    const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    const port = said.trim()
    if (port === 'none') return context.skip('this system gives networks to root only')
    await expect.poll(() => heard(port, owner)).toBe('hello')
    expect(await heard(port, { uid: 0, gid: 0 })).toBe('hello')
    expect(await heard(port, stranger)).toBe('')
    for (const user of [owner, stranger]) expect(await heard('7233', user)).not.toBe('hello')
    // With its owner the whole of it goes.
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => heard(port, owner)).toBe('')
  })
})
