import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startDockerd } from '../../test/dockerd.ts'
import { startPortainerStandIn, type PortainerStandIn } from '../../test/portainer-stand-in.ts'
import { makeWikiFolders } from '../../test/runner-subject.ts'
import { createPortainerRunner, type PortainerRunnerOptions } from './portainer-runner.ts'
import type { OutputLine, Runner, RunnerOptions } from './runner.ts'

const never = new AbortController().signal
const isRoot = process.getuid?.() === 0
const eventually = <T>(look: () => T) => expect.poll(look, { interval: 20 })

describe.skipIf(!isRoot)(
  "the Portainer runner, in front of a stand-in of Portainer's URL and key with a real dockerd behind (needs root)",
  () => {
    let options: PortainerRunnerOptions
    let portainer: PortainerStandIn
    let folder: string
    let runner: Runner
    let lines: OutputLine[]
    let id: string
    const all = new AsyncDisposableStack()

    beforeAll(async () => {
      const folders = all.use(await makeWikiFolders())
      const { filesFolder, phpUser, wikis } = folders
      folder = folders.folder
      const dockerd = all.use(await startDockerd())
      await dockerd.startContainer({ name: 'wiki', binds: [`${wikis}:/var/www/wikis`] })
      portainer = all.use(
        await startPortainerStandIn({ socketPath: dockerd.socketPath, id: 3, apiKey: 'ptr_key' }),
      )
      options = {
        endpoint: portainer.endpoint,
        apiKey: 'ptr_key',
        ca: portainer.ca,
        container: 'wiki',
        pathMap: [{ host: wikis, container: '/var/www/wikis' }],
        filesFolder,
        phpUser,
      }
    })
    afterAll(() => all.disposeAsync())
    beforeEach(() => {
      runner = createPortainerRunner(options)
      lines = []
      id = `task-${randomUUID()}`
    })
    afterEach(async () => {
      await runner.stop(id, never)
      await runner[Symbol.asyncDispose]()
    })

    const run = (script: string, by = runner, more: Partial<RunnerOptions> = {}) =>
      by.run(
        { id, folder, argv: ['sh', '-c', script, id], timeLimitMs: 60_000 },
        { onOutput: (line) => void lines.push(line), signal: never, ...more },
      )
    const sleeping = 'echo begun; while :; do sleep 0.1; done'

    test("a command runs in the wiki's folder with its output and exit code, by the endpoint's URL with the key only", async () => {
      expect(await run('pwd; echo oops >&2; exit 7')).toEqual({ exitCode: 7, timedOut: false })
      expect(lines.map(({ stream, line }) => [stream, line])).toEqual([
        ['stdout', '/var/www/wikis/ada'],
        ['stderr', 'oops'],
      ])
      expect(await runner.check()).toMatchObject({ ok: true })
      expect(portainer.refused).toBe(0)
    })

    test('a cancelled command is gone, a hung one ends at its time limit', async () => {
      const cancel = new AbortController()
      const running = run(sleeping, runner, { signal: cancel.signal })
      await eventually(() => lines.length).toBe(1)
      cancel.abort(new Error('cancelled'))
      await expect(running).rejects.toThrow('cancelled')
      const argv = ['sh', '-c', sleeping]
      const limited = { id: `${id}-2`, folder, argv, timeLimitMs: 300 }
      expect(await runner.run(limited, { onOutput: () => {}, signal: never })).toEqual({
        exitCode: 143,
        timedOut: true,
      })
    })

    test('a command is followed to its end although Portainer is away for a while', async () => {
      const running = run('echo begun; while [ ! -e go ]; do sleep 0.02; done; echo ended')
      await eventually(() => lines.length).toBe(1)
      await portainer.away(async () => {
        await eventually(() => portainer.missed).toBeGreaterThan(2)
      })
      await writeFile(join(folder, 'go'), '')
      expect(await running).toMatchObject({ exitCode: 0 })
    })

    test.each([
      ['a wrong key', { apiKey: 'wrong' }, 'denied', 'the API key'],
      ['an endpoint that Portainer does not have', { id: 4 }, 'denied', 'the id of the endpoint'],
      ['a certificate that nobody vouches for', { ca: undefined }, 'denied', 'certificate'],
      ['a container that is not there', { container: 'nosuch' }, 'container_missing', 'nosuch'],
    ])('%s is a fault that says so', async (_, { id: endpointId, ...wrong }: WrongSetting, reason, words) => {
      const endpoint = endpointId === undefined ? options.endpoint : options.endpoint.replace('/3/', '/4/')
      await using other = createPortainerRunner({ ...options, endpoint, ...wrong } as PortainerRunnerOptions)
      const expected = { reason, final: false, message: expect.stringContaining(words) as string }
      await expect(run('echo no', other)).rejects.toMatchObject(expected)
      // None of these proves that a command has stopped, but for a container that is gone.
      const stopped = other.stop(id, AbortSignal.timeout(300))
      await (reason === 'denied' ? expect(stopped).rejects.toThrow('timeout') : stopped)
    })
  },
)

interface WrongSetting {
  readonly id?: number
  readonly apiKey?: string
  readonly ca?: undefined
  readonly container?: string
}

test('the key is never sent in the open', () => {
  const options = { apiKey: 'k', container: 'c', pathMap: [], filesFolder: '/f', phpUser: { uid: 1, gid: 1 } }
  const create = (endpoint: string) => createPortainerRunner({ ...options, endpoint })
  expect(() => create('http://portainer.example/api/endpoints/1/docker')).toThrow('must be an https:// URL')
  expect(create('https://portainer.example/api/endpoints/1/docker').kind).toBe('portainer')
})
