/** `npm run demo -- --once --json`, as somebody sees it who has just cloned this: twice, on one data folder. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findTemporalCli } from '@wikistead/processes'
import { expect, test } from 'vitest'

const command = fileURLToPath(new URL('../../../cli/bin/wikistead.js', import.meta.url))
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')

/** As URIs, shells, settings of programs and sockets of the kernel like it least. */
const oddName = `it's a "farm" #1?mode=memory&x=%41 $HOME;~é ${'x'.repeat(130)}`

async function demo(folder: string, data: string): Promise<readonly Record<string, unknown>[]> {
  const { path } = await findTemporalCli({ env: process.env, cacheFolder: join(cache, 'wikistead') })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...[command, 'demo', '--once', '--json', '--log-level=warn', `--data-folder=${data}`],
      ...[`--temporal-cli=${path}`, '--port=0', '--fedwiki-farm-port=0'],
    ],
    { env: { HOME: folder, XDG_CACHE_HOME: cache, PATH: process.env['PATH'] }, maxBuffer: 50_000_000 },
  )
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test(
  'the demo makes a wiki of each engine, sees both serve, and finds them again',
  { timeout: 1_500_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-demo-'))
    const data = join(folder, oddName)
    try {
      const first = await demo(folder, data)
      const done = {
        ...{ event: 'done', ok: true },
        wikis: [
          { engine: 'fedwiki', name: 'demo.wiki.localhost', url: expect.stringMatching(/^http:/) as string },
          { engine: 'mediawiki', name: 'Demo wiki', url: expect.stringMatching(/^http:/) as string },
          { engine: 'mediawiki', name: 'Demo hub', url: expect.stringMatching(/^http:/) as string },
        ],
      }
      expect(first.at(-1), JSON.stringify(first.slice(-8))).toMatchObject(done)
      const steps = (lines: typeof first) => lines.flatMap(({ step }) => (step === undefined ? [] : [step]))
      expect(steps(first)).toEqual(
        expect.arrayContaining([
          'mediawiki',
          'serves',
          'owner.json',
          'visitors',
          'docker_install',
          'wiki serves',
          'hub speaks',
        ]),
      )
      const second = await demo(folder, data)
      expect(second.at(-1)).toMatchObject(done)
      expect(steps(second)).not.toContain('docker_install')
      // Nothing lies beside it: each program read the path as it is.
      expect(await readdir(folder)).toEqual([oddName])
      expect(await readdir(join(data, 'temporal'), { recursive: true })).toEqual(
        expect.arrayContaining([expect.stringMatching(/(?:^|\/)temporal\.db$/) as string]),
      )
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
)
