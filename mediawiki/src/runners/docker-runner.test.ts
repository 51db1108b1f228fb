import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startDockerd, type TestDockerd } from '../../test/dockerd.ts'
import { describeRunner } from '../../test/runner-matrix.ts'
import { containerSubject, makeWikiFolders, type RunnerSubject } from '../../test/runner-subject.ts'
import { createDockerRunner, type DockerRunnerOptions } from './docker-runner.ts'
import type { OutputLine, Runner } from './runner.ts'

const never = new AbortController().signal
const isRoot = process.getuid?.() === 0
const eventually = <T>(look: () => T) => expect.poll(look, { interval: 20 })

describe.skipIf(!isRoot)('the Docker runner, in front of a real dockerd (needs root)', () => {
  let dockerd: TestDockerd
  let container: Docker.Container
  let options: DockerRunnerOptions
  let subject: RunnerSubject
  const all = new AsyncDisposableStack()

  beforeAll(async () => {
    const folders = all.use(await makeWikiFolders())
    dockerd = all.use(await startDockerd())
    container = await dockerd.startContainer({ name: 'wiki', binds: [`${folders.wikis}:/var/www/wikis`] })
    options = {
      socketPath: dockerd.socketPath,
      container: 'wiki',
      pathMap: [{ host: folders.wikis, container: '/var/www/wikis' }],
      filesFolder: folders.filesFolder,
      phpUser: folders.phpUser,
    }
    subject = {
      ...containerSubject(folders, container),
      settings: { kind: 'docker', options },
      createRunner: (more) => createDockerRunner({ ...options, ...more }),
    }
  })
  afterAll(() => all.disposeAsync())

  describeRunner(() => subject)

  describe('trouble of the engine or of the container', () => {
    let runner: Runner
    let lines: OutputLine[]
    let id: string
    let go: string

    beforeEach(() => {
      runner = createDockerRunner({ ...options, patienceMs: 20_000 })
      lines = []
      id = `task-${randomUUID()}`
      go = join(subject.folder, 'go')
    })
    afterEach(async () => {
      const { State } = await container.inspect()
      if (State.Paused) await container.unpause()
      if (!State.Running) await container.start()
      await runner.stop(id, never)
      await runner[Symbol.asyncDispose]()
      await rm(go, { force: true })
    })

    /** Says `begun` and its process, and waits for the file `go`. */
    const waiting = `echo begun $$; while [ ! -e go ]; do sleep 0.02; done; echo ended; exit 6`
    const run = (script = waiting, signal = never, by = runner) =>
      by.run(
        { id, folder: subject.folder, argv: ['sh', '-c', script, id], timeLimitMs: 120_000 },
        { onOutput: (line) => void lines.push(line), signal },
      )
    const said = () => lines.map(({ line }) => line)
    const begun = () => eventually(() => said()).toEqual([expect.stringMatching(/^begun \d+$/)])
    const fault = (reason: string, text: string) => ({
      name: 'RunnerFault',
      reason,
      final: false,
      message: expect.stringContaining(text) as string,
    })

    test('a command goes on, and is followed, while dockerd is killed and started again', async () => {
      const running = run()
      await begun()
      await dockerd.killAndRestart()
      await expect(container.inspect()).resolves.toMatchObject({ State: { Running: true } })
      // Known to no exec of the new engine: another worker finds it as well.
      await using other = createDockerRunner(options)
      const found = run(waiting, never, other)
      await eventually(() => lines.length).toBe(2)
      await writeFile(go, '')
      expect(await running).toEqual({ exitCode: 6, timedOut: false })
      expect(await found).toEqual({ exitCode: 6, timedOut: false })
      expect(new Set(said()).size).toBe(2)
    })

    test('a command that ends while dockerd is away is known by its exit code', async () => {
      const running = run()
      await begun()
      const back = dockerd.killAndRestart()
      await writeFile(go, '')
      expect(await running).toEqual({ exitCode: 6, timedOut: false })
      await back
    })

    test('an engine that stays away is a fault that says so, for a command that runs and for one that would', async () => {
      await using impatient = createDockerRunner({ ...options, patienceMs: 0 })
      const running = run(waiting, never, impatient)
      await begun()
      const failing = expect(running).rejects.toMatchObject(fault('engine_away', 'does not answer'))
      const back = dockerd.killAndRestart()
      await failing
      await back
      await using elsewhere = createDockerRunner({ ...options, socketPath: `${dockerd.socketPath}.none` })
      await expect(run('echo no', never, elsewhere)).rejects.toMatchObject(
        fault('engine_away', 'Start Docker'),
      )
      expect(await elsewhere.check()).toEqual({
        ok: false,
        detail: `The Docker engine at ${dockerd.socketPath}.none does not answer.`,
        mend: 'Start Docker again.',
      })
      await writeFile(go, '')
      expect(await run()).toEqual({ exitCode: 6, timedOut: false })
    })

    test('a container that is stopped in the middle is a fault, and the command runs once more after its start', async () => {
      const running = run()
      await begun()
      const failing = expect(running).rejects.toMatchObject(
        fault('container_stopped', 'The container wiki is stopped. Start it: docker start wiki'),
      )
      await container.stop({ t: 1 })
      await failing
      await expect(run()).rejects.toMatchObject(fault('container_stopped', 'is stopped'))
      await runner.stop(id, never)
      await container.start()
      await writeFile(go, '')
      const beforeAgain = vi.fn(async () => {})
      const again = await runner.run(
        { id, folder: subject.folder, argv: ['sh', '-c', waiting], timeLimitMs: 120_000 },
        { onOutput: () => {}, signal: never, beforeAgain },
      )
      expect(again).toEqual({ exitCode: 6, timedOut: false })
      expect(beforeAgain).toHaveBeenCalledOnce()
    })

    test('a container that is started anew in the middle has lost the command, and says so', async () => {
      const running = run()
      await begun()
      const failing = expect(running).rejects.toThrow(/nobody knows how far it came|is stopped|is restarting/)
      await container.restart({ t: 1 })
      await failing
      await writeFile(go, '')
      expect(await run()).toEqual({ exitCode: 6, timedOut: false })
    })

    test('a paused container is a fault, and the command is found again when it goes on', async () => {
      const running = run()
      await begun()
      const failing = expect(running).rejects.toMatchObject(fault('container_paused', 'docker unpause wiki'))
      await container.pause()
      await failing
      await expect(run()).rejects.toMatchObject(fault('container_paused', 'is paused'))
      await container.unpause()
      await writeFile(go, '')
      expect(await run()).toEqual({ exitCode: 6, timedOut: false })
      expect(new Set(said()).size).toBe(2)
    })

    test('a container that is missing, or starts again and again, is a fault', async () => {
      await using lost = createDockerRunner({ ...options, container: 'nosuch' })
      await expect(run('true', never, lost)).rejects.toMatchObject(
        fault('container_missing', 'no container nosuch'),
      )
      const restless = await dockerd.startContainer({ name: 'restless', binds: [], restless: true })
      // It waits longer from time to time.
      await eventually(async () => (await restless.inspect()).RestartCount).toBeGreaterThan(3)
      await using unlucky = createDockerRunner({ ...options, container: 'restless' })
      await expect(run('true', never, unlucky)).rejects.toMatchObject(
        fault('container_restarting', 'The container restless is restarting.'),
      )
      await restless.remove({ force: true })
    })

    test("a container without the folders, or without the user's rights, is a fault that says what to do", async () => {
      const bare = await dockerd.startContainer({ name: 'bare', binds: [] })
      await using blind = createDockerRunner({ ...options, container: 'bare' })
      await expect(run('true', never, blind)).rejects.toMatchObject(fault('place_unfit', 'Map the folder'))
      await using unmapped = createDockerRunner({
        ...options,
        pathMap: [{ host: '/srv', container: '/srv' }],
      })
      await expect(run('true', never, unmapped)).rejects.toMatchObject(fault('place_unfit', 'not mapped'))
      await using stranger = createDockerRunner({ ...options, containerUser: 'nosuch' })
      await expect(run('true', never, stranger)).rejects.toMatchObject(
        fault('place_unfit', 'cannot run commands'),
      )
      await using other = createDockerRunner({ ...options, containerUser: '65534:65534' })
      await expect(run('true', never, other)).rejects.toMatchObject(
        fault('place_unfit', "PHP's user cannot use"),
      )
      await bare.remove({ force: true })
    })

    test('a cancelled call waits for an engine that is away to prove that the command has stopped', async () => {
      const cancel = new AbortController()
      const running = run(waiting, cancel.signal)
      await begun()
      const failing = expect(running).rejects.toThrow('cancelled')
      const back = dockerd.killAndRestart()
      cancel.abort(new Error('cancelled'))
      await expect(runner.stop(id, AbortSignal.timeout(50))).rejects.toThrow('timeout')
      await back
      await failing
      expect(await subject.processesOf(id)).toEqual([])
    })

    test('nothing counts as stopped while its container is paused', async () => {
      const running = expect(run()).rejects.toMatchObject(fault('container_paused', 'is paused'))
      await begun()
      await container.pause()
      await running
      await expect(runner.stop(id, AbortSignal.timeout(100))).rejects.toThrow('timeout')
      await container.unpause()
      await runner.stop(id, never)
      expect(await subject.processesOf(id)).toEqual([])
    })
  })
})
