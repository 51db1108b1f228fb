import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack, type Stack } from '@wikistead/test/stack'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bin, runCli } from '../test/run-cli.ts'
import { findApi } from './api-place.ts'

let started: AsyncDisposableStack
let dataFolder: string

beforeEach(async () => {
  started = new AsyncDisposableStack()
  dataFolder = await mkdtemp(join(tmpdir(), 'wikistead-cli-'))
  started.defer(() => rm(dataFolder, { recursive: true, force: true }))
})
afterEach(() => started.disposeAsync())

async function server(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  started.defer(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

/** Where nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${String(port)}`
}

describe('the API is found', () => {
  test('by the flag, else the environment, else what a running start says, else the settings', async () => {
    const settings = { HOME: '/home/ada', WIKISTEAD_DATA_FOLDER: dataFolder, WIKISTEAD_PORT: '9000' }
    expect((await findApi({}, settings)).url).toBe('http://127.0.0.1:9000')
    expect((await findApi({}, { ...settings, WIKISTEAD_HOST: '::1' })).url).toBe('http://[::1]:9000')
    const running = { pid: process.pid, api: 'http://127.0.0.1:9001', temporal: '' }
    await writeFile(join(dataFolder, 'running.json'), JSON.stringify(running))
    expect((await findApi({}, settings)).url).toBe('http://127.0.0.1:9001')
    const named = { ...settings, WIKISTEAD_API: 'http://127.0.0.1:9002/' }
    expect((await findApi({}, named)).url).toBe('http://127.0.0.1:9002')
    expect((await findApi({ api: 'https://api.example' }, named)).url).toBe('https://api.example')
  })

  test('not where a killed start said', async () => {
    const env = { HOME: '/home/ada', WIKISTEAD_DATA_FOLDER: dataFolder, WIKISTEAD_PORT: '9000' }
    // Above every pid that Linux gives.
    const running = { pid: 2 ** 22 + 1, api: 'http://127.0.0.1:9001', temporal: '' }
    await writeFile(join(dataFolder, 'running.json'), JSON.stringify(running))
    expect((await findApi({}, env)).url).toBe('http://127.0.0.1:9000')
  })

  test('without any setting when address and token are given, even if a setting is wrong', async () => {
    const env = { WIKISTEAD_PORT: 'http', WIKISTEAD_TOKEN: 'a-token' }
    expect(await findApi({ api: 'http://127.0.0.1:1' }, env)).toMatchObject({ token: 'a-token' })
    await expect(findApi({}, { HOME: '/home/ada', ...env })).rejects.toThrow('WIKISTEAD_PORT=http')
  })
})

describe('the token of this machine', () => {
  test('is for this machine only, and for an API that answers', async () => {
    await writeFile(join(dataFolder, 'bootstrap-token'), 'the-admin\n')
    const env = { HOME: '/home/ada', WIKISTEAD_DATA_FOLDER: dataFolder }
    const named = ['https://api.example', 'http://127.0.0.1.example', 'http://localhost.example']
    for (const url of [await nowhere(), ...named]) {
      expect(await findApi({ api: url }, env)).toMatchObject({ url, token: undefined })
    }
    expect(await findApi({}, { ...env, WIKISTEAD_TOKEN: 'mine' })).toMatchObject({
      token: 'mine',
    })
  })

  test('that cannot be read is told of when the API asks for one', async () => {
    const asked: IncomingHttpHeaders[] = []
    const url = await server((request, response) => {
      asked.push(request.headers)
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end(
        JSON.stringify({
          ...{ type: '', title: '', status: 401, code: 'unauthenticated', detail: 'Who?' },
        }),
      )
    })
    const { code, error } = await runCli(['list', '--json', '--data-folder', dataFolder, '--api', url])
    expect(code).toBe(3)
    expect(asked[0]).not.toHaveProperty('authorization')
    expect(error['next']).toBe(
      `The token: none was given, and ${join(dataFolder, 'bootstrap-token')} cannot be read (ENOENT). ` +
        'Name another with --token-file or WIKISTEAD_TOKEN.',
    )
  })
})

describe('before the token of this machine is sent, an API proves that it is of the data folder', () => {
  let stack: Stack
  let own: readonly string[]
  beforeAll(async () => {
    stack = await startStack({ run: ['api'] })
    own = ['--data-folder', stack.config.dataFolder]
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  /** What it is asked, with whom it believes to speak. */
  function impostor(answerProof: (path: string) => Promise<string>) {
    const asked: [string, string | undefined][] = []
    const url = server((request, response) => {
      asked.push([request.url?.split('?')[0] ?? '', request.headers.authorization])
      void answerProof(request.url ?? '').then((body) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(body),
      )
    })
    return { url, asked }
  }

  test('the true one does, by its address and by the name of this machine', async () => {
    for (const url of [stack.url, stack.url.replace('127.0.0.1', 'localhost')]) {
      expect(await runCli(['user', 'list', '--json', '--api', url, ...own])).toMatchObject({ code: 0 })
    }
  })

  test.each([
    ['that knows no proof', () => Promise.resolve('{"users":[],"next_cursor":null}')],
    ['that makes one up', () => Promise.resolve(JSON.stringify({ proof: 'A'.repeat(43) }))],
    // The true API signs the address that it was asked at, which is not the relay's.
    ['that has the true API sign', (path: string) => fetch(stack.url + path).then((answer) => answer.text())],
  ])('an impostor %s is not sent the token, nor asked anything else', async (_, answer) => {
    const { url, asked } = impostor(answer)
    const api = await url
    const { code, error } = await runCli(['user', 'list', '--json', '--api', api, ...own])
    expect({ code, error }).toMatchObject({
      ...{ code: 5, error: { code: 'not_proven' } },
    })
    expect(error['message']).toContain(`What answers at ${api} has not proven to be the API of`)
    expect(asked).toEqual([['/v1/proof', undefined]])

    const said = await runCli(['doctor', '--json', ...own], {
      env: { WIKISTEAD_API: api },
    })
    expect(said.events.find(({ check }) => check === 'api')).toMatchObject({ ok: false, needed: true })
    expect(asked.every(([, authorization]) => authorization === undefined)).toBe(true)
  })

  test('the API of another data folder is a stranger as well', async () => {
    await writeFile(join(dataFolder, 'bootstrap-token'), 'another-admin\n')
    const answered = await runCli(['user', 'list', '--json', '--api', stack.url, '--data-folder', dataFolder])
    expect(answered).toMatchObject({ code: 5, error: { code: 'not_proven' } })
  })

  test('a token that was named is sent where it was told to', async () => {
    const { url, asked } = impostor(() => Promise.resolve('{"users":[],"next_cursor":null}'))
    const api = await url
    expect(
      await runCli(['user', 'list', '--api', api, ...own], { env: { WIKISTEAD_TOKEN: 'mine' } }),
    ).toMatchObject({ code: 0 })
    expect(asked).toEqual([['/v1/users', 'Bearer mine']])
  })

  test('the key is its owner’s alone, and is no token', async () => {
    const file = join(stack.config.dataFolder, 'api-proof-key')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const token = (await readFile(file, 'utf8')).trim()
    expect(await stack.call('GET', '/v1/users', undefined, { token })).toMatchObject({ status: 401 })
  })
})

const anyToken = { env: { WIKISTEAD_TOKEN: 'any' } }

describe('a token', () => {
  const says: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"users":[],"next_cursor":null}')
  }

  test('may be in a file', async () => {
    const asked: (string | undefined)[] = []
    const url = await server((request, response) => {
      asked.push(request.headers.authorization)
      says(request, response)
    })
    const file = join(dataFolder, 'token')
    await writeFile(file, 'of-the-file\n', { mode: 0o600 })
    expect(await runCli(['user', 'list', '--api', url, '--token-file', file])).toMatchObject({ code: 0 })
    expect(asked).toEqual(['Bearer of-the-file'])
    for (const [path, why] of [
      [join(dataFolder, 'none'), 'cannot be read (ENOENT)'],
      [dataFolder, 'cannot be read (EISDIR)'],
    ] as const) {
      const { code, stderr } = await runCli(['user', 'list', '--api', url, '--token-file', path])
      expect([code, stderr]).toEqual([2, `The file with the token, ${path}, ${why}.\n`])
    }
  })

  test('is not taken from the command line', async () => {
    const url = await server(says)
    for (const command of [['user', 'list', '--api', url], ['doctor']]) {
      const { code, stderr } = await runCli([...command, '--token', 'seen-by-all'])
      expect(code).toBe(2)
      expect(stderr).toContain('everybody on this machine can read')
      expect(stderr).toContain('--token-file')
      expect(stderr).not.toContain('seen-by-all')
    }
    expect((await runCli(['user', 'list', '--help'])).stdout).not.toMatch(/--token[ =]/)
  })
})

describe('where no API answers', () => {
  test.each(['list', 'sync', 'alarms', 'create ada', 'delete ada --yes', 'watch a-task', 'user list'])(
    '`%s` ends with 5 and says how to start one',
    async (command) => {
      const url = await nowhere()
      const { code, stdout, stderr } = await runCli([...command.split(' '), '--api', url], anyToken)
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
      expect(stderr).toBe(
        `No API answers at ${url} (ECONNREFUSED).\n` +
          `Start it with \`${bin} start\`, or say where it is with --api or WIKISTEAD_API.\n`,
      )
    },
  )

  test('programs read it as an object', async () => {
    const url = await nowhere()
    const { code, error } = await runCli(['list', '--json', '--api', url], anyToken)
    expect({ code, error }).toMatchObject({
      code: 5,
      error: { event: 'error', exit_code: 5, code: 'ECONNREFUSED' },
    })
  })

  test('but another program does, that is said', async () => {
    const url = await server((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')
    })
    const { code, stderr } = await runCli(['list', '--api', url], anyToken)
    expect(code).toBe(5)
    expect(stderr).toContain(`What answers at ${url} is no Wikistead API (HTTP 200).`)
  })

  test('and what was named is no address, that is a mistake', async () => {
    expect(await runCli(['list', '--json', '--api', 'farm'], anyToken)).toMatchObject({
      ...{ code: 2, error: { message: 'farm is no address of an API.' } },
    })
  })
})

test('an answer that is lost on the way does not make a second task', async () => {
  const keys: (string | undefined)[] = []
  const url = await server((request, response) => {
    keys.push(request.headers['idempotency-key']?.toString())
    if (keys.length === 1) request.socket.destroy()
    else {
      const problem = { type: '', title: '', status: 409, code: 'name_taken', detail: 'Taken.' }
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
    }
  })
  expect(await runCli(['create', 'ada', '--json', '--api', url], anyToken)).toMatchObject({
    ...{ code: 3, error: { code: 'name_taken' } },
  })
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
})

test('whoever reads no further is no error', async () => {
  const url = await server((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"users":[],"next_cursor":null}')
  })
  const { startCli } = await import('../test/run-cli.ts')
  await using run = startCli(['user', 'list', '--api', url], anyToken)
  run.child.stdout?.destroy()
  expect(await run.ended).toBe(0)
  expect(run.stderr).toBe('')
})
