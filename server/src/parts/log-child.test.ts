/** Real children, killed or failing by themselves; what the log says of them, as its readers get it. */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { superviseChild } from '@wikistead/processes'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { logChild } from './log-child.ts'

let started: AsyncDisposableStack
let folder: string
let lines: Record<string, unknown>[]
const logger = () =>
  createLogger('info', {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  })

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'wikistead-child-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  lines = []
})
afterEach(() => started.disposeAsync())

test('a killed child is told with how it ended and how often, and again when it serves', async () => {
  const child = await superviseChild({
    ...{ name: 'the child', command: 'sleep', args: ['1000'], env: { PATH: '/usr/bin:/bin' } },
    logFile: join(folder, 'child.log'),
    ready: () => Promise.resolve(),
    onChange: logChild(logger(), 'sleeper'),
  })
  started.use(child)
  expect(lines).toEqual([])
  for (const restarts of [1, 2]) {
    process.kill(child.state.pid ?? 0, 'SIGKILL')
    await eventually(() => expect(lines).toHaveLength(restarts * 2))
    expect(lines.slice(-2)).toMatchObject([
      {
        ...{ level: 40, msg: 'a child ended; it is started again' },
        ...{ child: 'sleeper', last_exit: 'signal SIGKILL', restarts: restarts - 1 },
      },
      {
        ...{ level: 30, msg: 'a child serves again' },
        ...{ child: 'sleeper', pid: child.state.pid, restarts, away_ms: expect.any(Number) as number },
      },
    ])
  }
  await child.stop()
  expect(lines).toHaveLength(4)
})

test('each start in vain is told, and how it ended', async () => {
  const [broken, begun] = [join(folder, 'broken'), join(folder, 'begun')]
  const script = `if [ -e ${broken} ]; then exit 7; fi; : > ${begun}; exec sleep 1000`
  const child = await superviseChild({
    ...{ name: 'the child', command: 'sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin' } },
    logFile: join(folder, 'child.log'),
    // Ready once it has looked; a child that will not be is not.
    ready: async (signal) => {
      while (existsSync(broken) || !existsSync(begun)) await sleep(10, undefined, { signal })
    },
    onChange: logChild(logger(), 'sleeper'),
  })
  started.use(child)
  await writeFile(broken, '')
  process.kill(child.state.pid ?? 0, 'SIGTERM')
  await eventually(() => expect(lines.length).toBeGreaterThanOrEqual(3))
  expect(lines.slice(0, 3).map(({ last_exit: exit }) => exit)).toEqual([
    ...['signal SIGTERM', 'exit code 7', 'exit code 7'],
  ])
  await rm(broken)
  await eventually(() => expect(lines.at(-1)).toMatchObject({ msg: 'a child serves again' }))
})
