import { ApiClient } from './api-client.ts'
import { FarmItself } from './farm-itself.ts'
import { compare } from './measure.ts'
import { runWikistead } from './running-wikistead.ts'
import { ms, times, type Row } from './table.ts'

/** `POST /v1/wikis` until its 201, against the farm's own POST and GET of a site. */
export async function benchCreate(): Promise<Row[]> {
  await using wikistead = await runWikistead()
  const api = new ApiClient(wikistead.url, wikistead.token)
  const farm = new FarmItself(wikistead.farmUrl, wikistead.farmToken)
  const { ours, peer, ratio } = await compare(
    60,
    (round) => api.ask('POST', '/v1/wikis', { engine: 'fedwiki', domain: `ours-${String(round + 100)}` }),
    async (round) => {
      const domain = `peer-${String(round + 100)}.wiki.localhost`
      await farm.create(domain)
      await farm.get(domain)
    },
    5,
  )
  return [
    {
      what: 'create a site (p50)',
      ours: `${ms(ours.p50)} (p95 ${ms(ours.p95)})`,
      peer: `farm POST + GET: ${ms(peer.p50)}`,
      result: times(ratio),
      goal: '≤ 4×',
      met: ratio <= 4,
    },
  ]
}
