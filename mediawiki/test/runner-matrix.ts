/** What every runner has to do, with real processes and real PHP. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  RunnerFault,
  type OutputLine,
  type Runner,
  type RunnerCommand,
  type RunnerOptions,
} from '../src/index.ts'
import { runElsewhere, type RunnerSubject } from './runner-subject.ts'

const minute = 60_000
const never = new AbortController().signal
const eventually = <T>(look: () => T) => expect.poll(look, { interval: 20 })
const untilFile = (file: string) => `while [ ! -e ${file} ]; do sleep 0.02; done`

export function describeRunner(subject: () => RunnerSubject): void {
  let runner: Runner
  let lines: OutputLine[]
  let id: string
  /** Stands in the command line of each command, to find its processes by. */
  let mark: string
  let started: AsyncDisposableStack

  beforeEach(() => {
    started = new AsyncDisposableStack()
    runner = started.use(subject().createRunner())
    lines = []
    id = `task-${randomUUID()}/1/docker_install`
    mark = `mark-${randomUUID()}`
    const { folder } = subject()
    started.defer(async () => {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
    })
    started.defer(async () => {
      await using cleaner = subject().createRunner()
      await cleaner.stop(id, never)
      await eventually(() => subject().processesOf(mark)).toEqual([])
    })
  })
  afterEach(() => started.disposeAsync())

  const ownProcesses = async () => (await subject().processesOf(mark)).filter(({ watches }) => !watches)
  const watchers = async () => (await subject().processesOf(mark)).filter(({ watches }) => watches)
  const expectNoProcess = async () => expect(await ownProcesses()).toEqual([])
  const command = (argv: readonly string[], more: Partial<RunnerCommand> = {}): RunnerCommand => ({
    id,
    folder: subject().folder,
    argv,
    timeLimitMs: minute,
    ...more,
  })
  const sleeper = () => `sh -c ': ${mark}; while :; do sleep 1; done'`
  const shell = (script: string) => ['sh', '-c', `: ${mark}; ${script}`]
  const php = (script: string) => ['php', '-r', script]
  const run = (argv: readonly string[], options: Partial<RunnerOptions> & Partial<RunnerCommand> = {}) => {
    const { signal = never, onOutput = (line: OutputLine) => void lines.push(line), ...rest } = options
    return runner.run(command(argv, rest), { ...rest, signal, onOutput })
  }
  const said = (stream: OutputLine['stream'] = 'stdout') =>
    lines.filter((line) => line.stream === stream).map(({ line }) => line)
  const make = (file: string) => writeFile(join(subject().folder, file), '')
  const read = (file: string) => readFile(join(subject().folder, file), 'utf8')

  describe('a command', () => {
    test("runs in the wiki's folder as PHP's user, and its files belong to that user", async () => {
      const { phpUser, seenFolder, folder } = subject()
      const script = 'echo getcwd(), "\\n", posix_geteuid(), "\\n"; file_put_contents("made", "x");'
      expect(await run(php(script))).toEqual({ exitCode: 0, timedOut: false })
      expect(said()).toEqual([seenFolder, String(phpUser.uid)])
      expect(await stat(join(folder, 'made'))).toMatchObject(phpUser)
    })

    test('gets its arguments and its environment as they were given', async () => {
      const values = ['', 'a b', '$HOME', '"', "'", '\\', '*', '-n', 'two\nlines', '`id`', 'ä 🦉 ‏']
      const script = 'echo json_encode([array_slice($argv, 1), getenv("ODD")]);'
      await run([...php(script), '--', ...values], { env: { ODD: '$x "\' =\n' } })
      expect(JSON.parse(said().join(''))).toEqual([values, '$x "\' =\n'])
    })

    test('has no standard input to wait for', async () => {
      await run(php('var_dump(stream_get_contents(STDIN));'))
      expect(said()).toEqual(['string(0) ""'])
    })

    test.each([
      ['success', php('exit(0);'), 0],
      ['failure', php('exit(1);'), 1],
      ['a crash of PHP', php('nosuch();'), 255],
      ['a missing PHP script', ['php', 'maintenance/nosuch.php'], 1],
      ['a missing program', ['nosuch'], 127],
      ['a program that a shell does not find', ['sh', '-c', 'nosuch'], 127],
      ['a file that is no program', ['./plain'], 126],
      ['SIGTERM', php('posix_kill(getmypid(), 15);'), 143],
      ['SIGKILL', php('posix_kill(getmypid(), 9);'), 137],
      ['SIGSEGV', php('posix_kill(getmypid(), 11);'), 139],
    ])('tells its exit code: %s', async (_, argv, exitCode) => {
      await make('plain')
      expect(await run(argv)).toEqual({ exitCode, timedOut: false })
    })

    test('tells why it failed on the stream that it chose', async () => {
      await run(['php', 'maintenance/nosuch.php'])
      expect(said()).toEqual(['Could not open input file: maintenance/nosuch.php'])
      await run(['nosuch'], { id: `${id}-2` })
      expect(said('stderr').join()).toContain('nosuch: No such file or directory')
    })

    test('leaves nothing of its own behind when it ends', async () => {
      expect(await run(shell(`${sleeper()} & echo done`))).toMatchObject({ exitCode: 0 })
      await eventually(() => subject().processesOf(mark)).toEqual([])
    })

    test('of a folder that is not there is a fault, and so is an id that is no name', async () => {
      const folder = join(subject().wikis, 'nobody')
      await expect(run(['true'], { folder })).rejects.toMatchObject({ reason: 'place_unfit', final: false })
      await expect(run(['true'], { id: '../x' })).rejects.toThrow(RangeError)
    })
  })

  describe('its output', () => {
    test('is given out line by line while the command runs, each stream in its order', async () => {
      const running = run(shell(`echo one; echo two; echo three >&2; ${untilFile('go')}; printf four`))
      await eventually(() => lines.length).toBe(3)
      expect(said()).toEqual(['one', 'two'])
      expect(said('stderr')).toEqual(['three'])
      await make('go')
      await running
      expect(said()).toEqual(['one', 'two', 'four'])
    })

    test('is whole although characters come in pieces, and valid although bytes are not', async () => {
      const half =
        'ob_implicit_flush(); foreach (str_split("zwölf 🦉 Eulen\\n") as $b) { echo $b; usleep(2000); }'
      await run(php(half))
      await run(
        php('echo "a\\xff\\xc3b\\xf0\\x9f\\n\\x1b[31mred\\x1b[0m\\x07 \\x00end\\r\\n10%\\r20%\\n";'),
        {
          id: `${id}-2`,
        },
      )
      expect(said()).toEqual(['zwölf 🦉 Eulen', 'a��b�', 'red end', '10%', '20%'])
      expect(said().every((line) => line.isWellFormed())).toBe(true)
    })

    test('has secrets taken out before a long line is cut', async () => {
      const redact = (line: string) => line.replaceAll('geheim', '***')
      await using redacting = subject().createRunner({ redact })
      runner = redacting
      const script =
        'echo str_repeat("x", 3994), "geheimsecret", str_repeat("y", 200000), "\\ngeheim secret\\n";'
      await run(php(script), { redact: (line) => line.replaceAll('secret', '###') })
      expect(said()).toEqual([`${'x'.repeat(3994)}***### … (cut)`, '*** ###'])
    })

    test('of 50 MB is bounded on disk and in memory, with a note and its end', async () => {
      const { filesFolder } = subject()
      let count = 0
      let peak = 0
      const before = process.memoryUsage().rss
      const onOutput = (line: OutputLine) => {
        if (++count % 1_000 === 0) peak = Math.max(peak, process.memoryUsage().rss)
        if (count < 3 || line.line.startsWith('(') || line.line.startsWith('last')) lines.push(line)
      }
      const script =
        'for ($i = 0; $i < 500000; $i++) echo "line $i ", str_repeat("x", 90), "\\n"; echo "last\\n";'
      expect(await run(php(`${script} exit(7);`), { onOutput })).toMatchObject({ exitCode: 7 })
      const note = '(more than 8 MiB of output: of the rest only the end is kept)'
      expect(said()).toEqual([
        expect.stringMatching('line 0 '),
        expect.stringMatching('line 1 '),
        note,
        'last',
      ])
      const files = join(filesFolder, id.replaceAll('/', '.'), 'run')
      const sizes = await Promise.all(
        (await readdir(files)).map(async (name) => (await stat(join(files, name))).size),
      )
      expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(9 * 1_048_576)
      expect(peak - before).toBeLessThan(100 * 1_048_576)
    })

    test('of binary data without a line end does not grow in memory either', async () => {
      await run(php('for ($i = 0; $i < 64; $i++) echo str_repeat("\\xe2\\x82", 32768);'))
      const [first, ...rest] = said()
      expect(first).toMatch(/^�+ … \(cut\)$/)
      expect(rest.length).toBeLessThan(3)
    })
  })

  describe('one command of a task', () => {
    test('runs once, and whoever asks again gets its output and its exit code', async () => {
      const argv = shell('echo ran; echo x >>count; exit 3')
      await run(argv)
      expect(await run(argv)).toEqual({ exitCode: 3, timedOut: false })
      expect(said()).toEqual(['ran', 'ran'])
      const [{ end } = { end: 0 }] = lines
      await run(argv, { outputFrom: { stdout: end, stderr: 0 } })
      expect(said()).toEqual(['ran', 'ran'])
      expect(await read('count')).toBe('x\n')
    })

    test('runs once although several ask at the same time', async () => {
      const argv = shell(`echo x >>count; ${untilFile('go')}; echo ran; exit 3`)
      await using first = runElsewhere(subject().settings, command(argv))
      await using second = runElsewhere(subject().settings, command(argv))
      const third = run(argv)
      await using fourth = subject().createRunner()
      const others = [fourth, fourth].map((other) =>
        other.run(command(argv), { onOutput: () => {}, signal: never }),
      )
      await eventually(() => read('count').catch(() => '')).toBe('x\n')
      await make('go')
      const result = { exitCode: 3, timedOut: false }
      expect(await Promise.all([third, ...others])).toEqual([result, result, result])
      expect(await first.ended()).toEqual({ result })
      expect(await second.ended()).toEqual({ result })
      expect(await read('count')).toBe('x\n')
      expect([first.lines, second.lines, lines].map((all) => all.map(({ line }) => line))).toEqual(
        Array<string[]>(3).fill(['ran']),
      )
    })

    test('is found again, still running, after its worker was killed', async () => {
      const argv = shell(`echo x >>count; echo one; echo oops >&2; ${untilFile('go')}; echo two; exit 9`)
      await using worker = runElsewhere(subject().settings, command(argv))
      await eventually(() => worker.lines.length).toBe(2)
      await worker.kill()
      const at = worker.lines.find(({ stream }) => stream === 'stdout')?.end ?? 0
      const found = run(argv, { outputFrom: { stdout: at, stderr: 0 } })
      await eventually(() => said('stderr')).toEqual(['oops'])
      await make('go')
      expect(await found).toEqual({ exitCode: 9, timedOut: false })
      expect(said()).toEqual(['two'])
      expect(await read('count')).toBe('x\n')
    })

    test('that ended while no worker was there tells its own exit code', async () => {
      const argv = shell(`echo x >>count; echo one; ${untilFile('go')}; echo two; exit 9`)
      await using worker = runElsewhere(subject().settings, command(argv))
      await eventually(() => worker.lines.length).toBe(1)
      await worker.kill()
      await make('go')
      await eventually(() => subject().processesOf(mark)).toEqual([])
      expect(await run(argv)).toEqual({ exitCode: 9, timedOut: false })
      expect(said()).toEqual(['one', 'two'])
      expect(await read('count')).toBe('x\n')
    })

    test('that was killed with all that watched it is said to be lost, and is run once more when asked for', async () => {
      const argv = shell(`echo x >>count; ${untilFile('go')}; echo end; exit 4`)
      const beforeAgain = vi.fn(async () => {
        await expectNoProcess()
        await make('go')
      })
      const running = run(argv, { beforeAgain })
      await eventually(() => read('count').catch(() => '')).toBe('x\n')
      const killed = expect(running).rejects.toMatchObject({
        name: 'RunnerFault',
        reason: 'command_lost',
        final: false,
      })
      await subject().kill(await subject().processesOf(mark))
      await killed
      expect(beforeAgain).not.toHaveBeenCalled()
      expect(await run(argv, { beforeAgain })).toEqual({ exitCode: 4, timedOut: false })
      expect(beforeAgain).toHaveBeenCalledOnce()
      expect(await read('count')).toBe('x\nx\n')
    })

    test('is not run twice while it lives, although what watched it was killed', async () => {
      const argv = shell(`echo x >>count; echo one; ${untilFile('go')}; echo x >>ended`)
      const lost = (running: Promise<unknown>) =>
        expect(running).rejects.toMatchObject({ reason: 'command_lost' })
      const first = lost(run(argv))
      await eventually(() => said()).toEqual(['one'])
      await subject().kill(await watchers())
      const second = lost(run(argv))
      // Its own attempt to start the command has given up.
      await eventually(() => said()).toEqual(['one', 'one'])
      await eventually(watchers).toEqual([])
      expect(await ownProcesses()).not.toEqual([])
      await make('go')
      await Promise.all([first, second])
      expect(await read('count')).toBe('x\n')
      expect(await read('ended')).toBe('x\n')
    })

    test('can be left running, and its runner closed', async () => {
      const argv = shell(`echo x >>count; echo one; ${untilFile('go')}`)
      const leaving = new AbortController()
      const left = run(argv, { leave: leaving.signal })
      await eventually(() => said()).toEqual(['one'])
      leaving.abort(new Error('the worker shuts down'))
      await expect(left).rejects.toThrow('the worker shuts down')
      const other = subject().createRunner()
      const closed = other.run(command(argv), { onOutput: () => {}, signal: never })
      await Promise.all([expect(closed).rejects.toThrow('closed'), other[Symbol.asyncDispose]()])
      expect(await ownProcesses()).not.toEqual([])
      await make('go')
      expect(await run(argv)).toMatchObject({ exitCode: 0 })
      expect(await read('count')).toBe('x\n')
    })

    test('is forgotten with its task', async () => {
      await run(['true'])
      const task = id.split('/')[0] ?? ''
      await run(['true'], { id: `${task}x/1/other` })
      await runner.forget(task)
      expect(await readdir(subject().filesFolder)).not.toContain(id.replaceAll('/', '.'))
      expect(await readdir(subject().filesFolder)).toContain(`${task}x.1.other`)
      await runner.forget(`${task}x`)
      await runner.forget('nobody')
    })
  })

  describe('a command that is to end', () => {
    const stubborn = () => `trap "" TERM; ${sleeper()} & ${sleeper()} & while :; do sleep 1; done`

    test('is ended at its time limit, with all its children, and says so also to the next one', async () => {
      const argv = shell(`echo begun; ${sleeper()} & wait`)
      expect(await run(argv, { timeLimitMs: 300 })).toEqual({ exitCode: 143, timedOut: true })
      await expectNoProcess()
      expect(await run(argv)).toEqual({ exitCode: 143, timedOut: true })
      expect(said()).toEqual(['begun', 'begun'])
    })

    test('is ended by force when it does not listen', async () => {
      await using impatient = subject().createRunner({ stopGraceMs: 300 })
      runner = impatient
      expect(await run(shell(stubborn()), { timeLimitMs: 300 })).toEqual({ exitCode: 137, timedOut: true })
      await expectNoProcess()
    })

    test('has its time limit counted from its own start', async () => {
      const argv = shell(`echo x >>count; ${sleeper()}`)
      await using worker = runElsewhere(subject().settings, command(argv))
      await eventually(() => read('count').catch(() => '')).toBe('x\n')
      await worker.kill()
      // Longer than a look takes, shorter than from now.
      const began = (await stat(join(subject().folder, 'count'))).mtimeMs
      await eventually(() => Date.now() - began).toBeGreaterThan(1_500)
      expect(await run(argv, { timeLimitMs: 1_500 })).toMatchObject({ timedOut: true })
      expect(await read('count')).toBe('x\n')
    })

    test('is gone when its cancelled call returns, and is run anew when asked for again', async () => {
      await using impatient = subject().createRunner({ stopGraceMs: 300 })
      runner = impatient
      const cancel = new AbortController()
      const beforeAgain = vi.fn(async () => {})
      const running = run(shell(`echo x >>count; ${stubborn()}`), { signal: cancel.signal })
      await eventually(() => read('count').catch(() => '')).toBe('x\n')
      await eventually(ownProcesses).toHaveLength(3)
      cancel.abort(new Error('cancelled by its owner'))
      await expect(running).rejects.toThrow('cancelled by its owner')
      await expectNoProcess()
      expect(await run(shell('echo x >>count; exit 5'), { beforeAgain })).toEqual({
        exitCode: 5,
        timedOut: false,
      })
      expect(beforeAgain).toHaveBeenCalledOnce()
      expect(await read('count')).toBe('x\nx\n')
    })

    test('is gone although it left its group, closed what it inherited, or cleaned its environment', async () => {
      const script = `setsid ${sleeper()} 9>&- & env -i ${sleeper()} & echo begun; wait`
      const cancel = new AbortController()
      const running = run(shell(script), { signal: cancel.signal })
      await eventually(ownProcesses).toHaveLength(3)
      cancel.abort(new Error('cancelled'))
      await expect(running).rejects.toThrow('cancelled')
      await expectNoProcess()
    })

    test('is stopped by somebody else, when its worker is gone', async () => {
      await using worker = runElsewhere(subject().settings, command(shell(`echo x; ${sleeper()}`)))
      await eventually(() => worker.lines.length).toBe(1)
      await worker.kill()
      await runner.stop(id, never)
      await expectNoProcess()
      await runner.stop(id, never)
      await runner.stop('never-was', never)
    })

    test('is over when it ended, and what it left running is stopped while its exit code stays', async () => {
      const daemon = `: ${mark}; touch up; while :; do sleep 1; done`
      const argv = shell(`setsid sh -c '${daemon}' >/dev/null 2>&1 & ${untilFile('up')}; exit 3`)
      expect(await run(argv)).toEqual({ exitCode: 3, timedOut: false })
      expect(await ownProcesses()).toHaveLength(1)
      await runner.stop(id, never)
      await expectNoProcess()
      expect(await run(argv)).toEqual({ exitCode: 3, timedOut: false })
    })

    test('is not started when it was called off before', async () => {
      const signal = AbortSignal.abort(new Error('too late'))
      await expect(run(shell('echo x >>count'), { signal })).rejects.toThrow('too late')
      expect(await readdir(subject().folder)).toEqual([])
    })
  })

  describe("what PHP's user may do to the files", () => {
    test('a link in place of its output shows nothing of what it points to', async () => {
      const files = join(subject().filesFolder, id.replaceAll('/', '.'), 'run')
      await writeFile(join(subject().wikis, 'secret'), 'root only\n', { mode: 0o600 })
      await run(shell('echo mine'))
      await rm(join(files, 'out'))
      await symlink(join(subject().wikis, 'secret'), join(files, 'out'))
      await run(shell('echo mine'))
      expect(said()).toEqual(['mine'])
    })

    test('files of a command that cannot be used are a fault that says so', async () => {
      await run(['true'])
      const files = join(subject().filesFolder, id.replaceAll('/', '.'))
      await rm(join(files, 'run'), { recursive: true })
      await writeFile(join(files, 'run'), '')
      await expect(run(['true'])).rejects.toThrow(RunnerFault)
      await rm(files, { recursive: true })
    })
  })

  test('a check runs PHP the whole way', async () => {
    const { ok, detail } = await runner.check()
    expect([ok, detail]).toEqual([true, expect.stringMatching(/^PHP \d+\.\d+\.\d+/)])
    expect(await readdir(subject().filesFolder)).not.toContainEqual(expect.stringMatching('check'))
  })
}
