import { eventually } from '@wikistead/test/eventually'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SetupError } from './setup-error.ts'
import { findTemporalCli, lookForTemporalCli } from './temporal-cli.ts'

let folder: string
let bin: string
let cacheFolder: string
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'temporal-cli-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  bin = join(folder, 'bin')
  cacheFolder = join(folder, 'cache')
  await mkdir(bin)
})
afterEach(() => started.disposeAsync())

/** Only what the test put in `bin`; a proxy that nobody is behind makes the download fail wherever this runs. */
const bareEnv = (more: Record<string, string> = {}) => ({
  PATH: bin,
  HOME: folder,
  HTTPS_PROXY: 'http://127.0.0.1:9',
  ...more,
})

async function script(name: string, lines: string): Promise<string> {
  const file = join(bin, name)
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${lines}\n`, { mode: 0o755 })
  return file
}

const isTemporal = 'echo "temporal version 9.9.9 (scripted)"'
const writesTemporal = `printf '#!/bin/sh\\n${isTemporal}\\n' >$GOBIN/temporal; chmod +x $GOBIN/temporal`
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

describe('the Temporal CLI, with scripted temporal and go commands,', () => {
  test('is the named one, whatever is on PATH', async () => {
    await script('temporal', isTemporal)
    const named = await script('other', isTemporal)
    expect(await findTemporalCli({ env: bareEnv({ WIKISTEAD_TEMPORAL_CLI: named }), cacheFolder })).toEqual({
      path: named,
      explanation: `Temporal: ${named} (WIKISTEAD_TEMPORAL_CLI)`,
    })
  })

  test.each([
    ['does not exist', undefined],
    ['is not a Temporal CLI', 'echo "temporal 1.0, a clock"'],
    ['does not run (1)', 'exit 1'],
  ])('when named and it %s, is refused rather than replaced', async (problem, lines) => {
    await script('temporal', isTemporal)
    const named = lines === undefined ? join(bin, 'none') : await script('named', lines)
    const search = findTemporalCli({ env: bareEnv({ WIKISTEAD_TEMPORAL_CLI: named }), cacheFolder })
    await expect(search).rejects.toThrow(SetupError)
    await expect(search).rejects.toThrow(
      `WIKISTEAD_TEMPORAL_CLI=${named} ${problem}; name a temporal command, or unset it`,
    )
  })

  test('is the one on PATH', async () => {
    const path = await script('temporal', isTemporal)
    expect(await findTemporalCli({ env: bareEnv(), cacheFolder })).toEqual({
      path,
      explanation: `Temporal: ${path} (on PATH)`,
    })
    expect(await exists(cacheFolder)).toBe(false)
  })

  test('is built with Go once, says why, and is kept for the next run', async () => {
    await script('go', `echo "$@" >>${folder}/calls; ${writesTemporal}`)
    const lines: string[] = []
    const search = { env: bareEnv(), cacheFolder, onProgress: (line: string) => lines.push(line) }
    const kept = join(cacheFolder, 'temporal')
    const built = await findTemporalCli(search)
    expect(built.path).toBe(kept)
    expect(built.explanation).toMatch(
      /^Temporal: \S+ \(no temporal on PATH; the download failed \(.+\); built with Go\)$/,
    )
    expect(lines).toEqual([
      'trying to download the Temporal CLI',
      'building the Temporal CLI with Go: some minutes, once (0 s)',
    ])
    expect(await findTemporalCli(search)).toEqual({
      path: kept,
      explanation: `Temporal: ${kept} (no temporal on PATH; kept from an earlier run)`,
    })
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe(
      'install github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    )
  })

  test('wanted by two at once is built once', async () => {
    await script('go', `echo call >>${folder}/calls; ${writesTemporal}`)
    const waiting: string[] = []
    const [one, two] = await Promise.all([
      findTemporalCli({ env: bareEnv(), cacheFolder, onProgress: (line) => waiting.push(line) }),
      findTemporalCli({ env: bareEnv(), cacheFolder, onProgress: (line) => waiting.push(line) }),
    ])
    expect(one.path).toBe(two.path)
    expect(waiting).toContain('another process is getting the Temporal CLI; waiting for it')
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('call\n')
  })

  test('half built by a killed process is never taken, and its build does not go on', async () => {
    await script(
      'go',
      `[ -e ${folder}/half ] && { ${writesTemporal}; exit; }
      echo half >$GOBIN/temporal; chmod +x $GOBIN/temporal; echo $$ >${folder}/half; exec sleep 1000`,
    )
    const program = `
      import { findTemporalCli } from ${JSON.stringify(new URL('temporal-cli.ts', import.meta.url).href)}
      await findTemporalCli(${JSON.stringify({ env: bareEnv(), cacheFolder })})`
    const builder = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    started.defer(() => void builder.kill('SIGKILL'))
    const builds = () => readFile(join(folder, 'half'), 'utf8').then(Number)
    await eventually(async () => expect(await builds()).toBeGreaterThan(0))
    builder.kill('SIGKILL')
    await once(builder, 'exit')
    const { path } = await findTemporalCli({ env: bareEnv(), cacheFolder })
    expect(await readFile(path, 'utf8')).toContain('scripted')
    expect(await readdir(cacheFolder)).toEqual(['temporal', 'temporal.lock'])
    const build = await builds()
    await eventually(() => expect(() => process.kill(build, 0)).toThrow())
  })

  test('that nothing provides is a one-line refusal with every reason and what to run', async () => {
    await script('temporal', 'exit 3')
    const without = (await findTemporalCli({ env: bareEnv(), cacheFolder }).catch(
      (error: unknown) => error,
    )) as SetupError
    expect(without).toBeInstanceOf(SetupError)
    expect(without.message).toMatch(
      /^Temporal is missing \(\S+ does not run \(3\); the download failed \(.+\); no go on PATH\): install Go .+ set WIKISTEAD_TEMPORAL_CLI .+$/,
    )
    await script('go', 'echo "go: downloading"; echo "dial tcp: no route to host" >&2; exit 1')
    await expect(findTemporalCli({ env: bareEnv(), cacheFolder })).rejects.toThrow(
      'go install failed (exit code 1: dial tcp: no route to host)',
    )
    expect(await readdir(cacheFolder)).toEqual(['temporal.lock'])
  })

  test('is only looked for when nobody wants to start it: nothing is built or written', async () => {
    const go = await script('go', writesTemporal)
    expect(await lookForTemporalCli({ env: bareEnv(), cacheFolder })).toEqual({
      ...{ cli: undefined, whyNot: ['no temporal on PATH'], go },
    })
    expect(await exists(cacheFolder)).toBe(false)

    const path = await script('temporal', isTemporal)
    expect(await lookForTemporalCli({ env: bareEnv(), cacheFolder })).toMatchObject({ cli: { path } })
  })
})
