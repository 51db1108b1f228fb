import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTemporalCli, startTemporalServer, type TemporalServer } from '@wikistead/processes'
import { milliseconds, summarize } from './measure.ts'
import { runWikistead } from './running-wikistead.ts'
import { ms, type Row } from './table.ts'

/** From the command to the first answer, beside what Temporal itself takes; and what it holds in memory. */
export async function benchStartUp(env: Readonly<Record<string, string | undefined>>): Promise<Row[]> {
  const temporal: number[] = []
  const bare: number[] = []
  const whole: number[] = []
  let memory: readonly { readonly name: string; readonly mb: number }[] = []
  for (let round = 0; round < 5; round += 1) {
    temporal.push(await timeTemporal(env))
    {
      await using wikistead = await runWikistead({ 'fedwiki-embedded-farm': 'false' })
      bare.push(wikistead.upMs)
    }
    await using wikistead = await runWikistead()
    whole.push(wikistead.upMs)
    memory = await wikistead.memory()
  }
  const beside = summarize(bare).p50 - summarize(temporal).p50
  const own = memory.find(({ name }) => name === 'wikistead')?.mb ?? 0
  const children = memory.filter(({ name }) => name !== 'wikistead')
  return [
    {
      what: 'start-up, without a farm (p50 of 5)',
      ours: ms(summarize(bare).p50),
      peer: `Temporal alone: ${ms(summarize(temporal).p50)}`,
      ...{ result: `${ms(beside)} beside it`, goal: '≤ 2 s', met: beside <= 2_000 },
    },
    {
      what: 'start-up, with the embedded farm (p50 of 5)',
      ours: ms(summarize(whole).p50),
      ...{ peer: '', result: '', goal: '', met: undefined },
    },
    {
      what: 'memory of `start`',
      ours: `${String(own)} MB`,
      peer: children.map(({ name, mb }) => `${name} ${String(mb)} MB`).join(', '),
      ...{ result: '', goal: '', met: undefined },
    },
  ]
}

async function timeTemporal(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-bench-'))
  const cli = await findTemporalCli({
    env,
    cacheFolder: join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
  })
  let server: TemporalServer | undefined
  const took = await milliseconds(async () => {
    server = await startTemporalServer({ cli: cli.path, folder })
  })
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
  return took
}
