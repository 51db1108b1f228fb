/** The Temporal that `start` brings, and the other users of its machine. Needs root, to be one of them. */
import { eventually } from '@wikistead/test/eventually'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import { canHaveOwnNet, findTemporalCli } from '@wikistead/processes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startProcess, type StartProcess } from '../../test/processes/start-process.ts'

const isRoot = process.getuid?.() === 0
/** Nobody made them. */
const stranger = { uid: 64_993, gid: 64_993 }

const started = new AsyncDisposableStack()
let running: StartProcess
let address: string

describe.skipIf(!isRoot || !canHaveOwnNet('/socket'))('(needs root, and leave to make networks)', () => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-embedded-'))
    started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')
    const cli = (await findTemporalCli({ env: process.env, cacheFolder })).path
    const data = join(folder, 'data')
    running = started.use(await startProcess(data, cli, ['--fedwiki-embedded-farm=false']))
    address = (JSON.parse(await readFile(join(data, 'running.json'), 'utf8')) as { temporal: string })
      .temporal
  })
  afterAll(() => started.disposeAsync())

  /** Whether anything comes back from a gRPC server at the port, by a preface of HTTP/2, for a user of this machine. */
  async function isAnswered(
    port: string,
    user: { readonly uid: number; readonly gid: number },
  ): Promise<boolean> {
    const program = `
      const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])])
      const socket = require('node:net').connect(${port}, '127.0.0.1', () => socket.write(preface))
      socket.on('data', () => { console.log('answered'); process.exit() }).on('error', () => undefined)
      socket.on('close', () => process.exit())`
    const options = { ...user, cwd: '/', env: {} }
    const { stdout } = await promisify(execFile)('/usr/bin/env', [process.execPath, '-e', program], options)
    return stdout.includes('answered')
  }

  const port = (): string => address.split(':')[1] ?? ''

  test('its owner gets through, with any client', async () => {
    expect(await isAnswered(port(), { uid: 0, gid: 0 })).toBe(true)
    const connection = await Connection.connect({ address })
    started.defer(() => connection.close())
    expect((await new Client({ connection }).workflow.count()).count).toBeGreaterThanOrEqual(0)
  })

  test('another user does not, also not by closing the connection at once', async () => {
    expect(await isAnswered(port(), stranger)).toBe(false)
  })

  test('none of its other ports is there for anybody', async () => {
    const { temporal: pid } = running.children
    const group = async () => (await promisify(execFile)('ss', ['-ltnpH'])).stdout
    expect(await group()).not.toContain(`pid=${String(pid)},`)
    // They are in a network of its own.
    const inside = await promisify(execFile)('nsenter', [`--target=${String(pid)}`, '--net', 'ss', '-ltnH'])
    expect(inside.stdout.trim().split('\n').length).toBeGreaterThan(1)
  })

  test('killed, it comes back, and is as closed as before', async () => {
    process.kill(running.children.temporal, 'SIGKILL')
    await eventually(async () => {
      expect(await isAnswered(port(), { uid: 0, gid: 0 })).toBe(true)
    })
    expect(await isAnswered(port(), stranger)).toBe(false)
  })
})
