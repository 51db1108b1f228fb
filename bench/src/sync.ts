import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiClient } from './api-client.ts'
import { FarmItself } from './farm-itself.ts'
import { compare } from './measure.ts'
import { runWikistead, type RunningWikistead } from './running-wikistead.ts'
import { ms, times, type Row } from './table.ts'

interface SyncAnswer {
  readonly task_id: string
}

/** A sync of a farm in its steady state, against the farm's own list. */
export async function benchSync(): Promise<Row[]> {
  await using wikistead = await runWikistead()
  const api = new ApiClient(wikistead.url, wikistead.token)
  const farm = new FarmItself(wikistead.farmUrl, wikistead.farmToken)
  const rows: Row[] = []
  let made = 0
  for (const sites of [10, 1_000, 5_000]) {
    for (; made < sites; made += 1) await makeFolder(wikistead, `site-${String(made)}.wiki.localhost`)
    const first = await timeSync(api)
    const { ours, peer, ratio } = await compare(
      sites > 1_000 ? 7 : 15,
      () => timeSync(api),
      () => farm.list(),
      1,
    )
    rows.push({
      what: `sync ${sites.toLocaleString('en')} sites (p50)`,
      ours: `${ms(ours.p50)} (first import ${ms(first)})`,
      peer: `farm list: ${ms(peer.p50)}`,
      result: times(ratio),
      goal: '≤ 1.1×',
      met: ratio <= 1.1,
    })
  }
  return rows
}

/** Made behind Wikistead's back, as fast as the disk allows. */
async function makeFolder({ dataFolder }: RunningWikistead, domain: string): Promise<void> {
  const status = join(dataFolder, 'fedwiki-farm', 'sites', domain, 'status')
  await mkdir(status, { recursive: true })
  const owner = { name: 'Somebody', oauth2: { id: `sub-${domain}`, username: 'somebody' } }
  await writeFile(join(status, 'owner.json'), JSON.stringify(owner))
}

async function timeSync(api: ApiClient): Promise<number> {
  const started = performance.now()
  const { task_id: taskId } = await api.ask<SyncAnswer>('POST', '/v1/fedwiki/sync/trigger', {})
  await api.ended(taskId)
  return performance.now() - started
}
