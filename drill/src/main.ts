/**
 * `npm run drill [-- --creations 40] [--only NAME…] [--from FOLDER] [--apis 2] [--workers 2] [--hosts 2] [--keep]`: kills
 * every process of a whole installation while people ask for wikis, and says what became of them. Exits 1 when anything was
 * lost, doubled, stuck or left over and no alarm tells of it. `--from` is the checkout of an earlier release, with its
 * packages: its processes are replaced one by one first. `--only nobody` kills nobody.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ensureDebianPackages } from '@wikistead/test/debian-packages'
import { compare, type Finding } from './compare.ts'
import { Crowd } from './crowd.ts'
import { thisCheckout } from './ours.ts'
import { holds, reportText, type Report } from './report.ts'
import { runStage, stagesOf, type StageReport } from './stages.ts'
import { startWorld, type World } from './world.ts'

const { values } = parseArgs({
  options: {
    creations: { type: 'string', default: '40' },
    only: { type: 'string', multiple: true, default: [] },
    from: { type: 'string' },
    apis: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    hosts: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
})

/** Of one round, and of what is under way when all are over. */
const patienceMs = 6 * 60_000
const settleMs = 3 * 60_000

const began = performance.now()
const say = (line: string) => {
  console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`)
}

ensureDebianPackages(['postgresql', 'haproxy'])
const folder = await mkdtemp(join(tmpdir(), 'wikistead-drill-'))
say(`in ${folder}`)
let held = false
try {
  await using world = await startWorld({
    ...{ folder, env: process.env, say },
    checkout: values.from ?? thisCheckout,
    count: { apis: Number(values.apis), workers: Number(values.workers), hosts: Number(values.hosts) },
  })
  const crowd = new Crowd({
    ...{ apis: world.urls, store: world.store, tokens: world.tokens, mediaWikiEvery: 5 },
  })
  const wanted = stagesOf(world, values.from === undefined ? undefined : thisCheckout, values.only).filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  )
  const stages: StageReport[] = []
  for (const stage of wanted) {
    const done = await runStage(stage, crowd, Number(values.creations), patienceMs)
    stages.push(done)
    say(`${stage.name}: ${String(done.succeeded)} of ${String(done.asked)} ready`)
  }
  const report = await judge(world, crowd, stages)
  held = holds(report)
  console.log(reportText(report))
  say('stopping')
} finally {
  if (values.keep || !held) say(`the logs are in ${folder}`)
  else await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
process.exit(held ? 0 : 1)

/** Once nothing is under way any more, or had long enough for it: undoing, and alarms that clear themselves, take a while. */
async function judge(world: World, crowd: Crowd, stages: readonly StageReport[]): Promise<Report> {
  const deadline = performance.now() + settleMs
  for (;;) {
    const found = await world.look()
    const findings: readonly Finding[] = compare(crowd.creations, found)
    if (findings.length > 0 && performance.now() < deadline) {
      await sleep(5_000)
      continue
    }
    const { tasks, wikis, sites, folders, databases } = found
    const deaths = world.processes.filter(({ ownDeaths }) => ownDeaths > 0)
    const { peak, most } = await world.store.connections()
    return {
      ...{ stages, findings },
      ownDeaths: new Map(deaths.map(({ name, ownDeaths }) => [name, ownDeaths])),
      counted:
        `At the end: ${String(tasks.length)} tasks, ${String(wikis.length)} rows, ${String(sites.length)} sites, ` +
        `${String(folders.length)} folders, ${String(databases.length)} databases. ` +
        `MariaDB had ${String(peak)} connections at once and would have had ${String(most)}.`,
    }
  }
}
