/**
 * Sixty people press the button at once: when each of them can use their wiki, against one who came alone. A thin
 * template that is installed, so that the work is PHP's and MariaDB's and not ours.
 */
import { ApiClient } from './api-client.ts'
import { createWiki, type Create } from './mediawiki-create.ts'
import { startMediaWikiFarm } from './mediawiki-farm.ts'
import { milliseconds, summarize } from './measure.ts'
import { ms, times, type Row } from './table.ts'

const crowd = 60
const alone = 5

export async function benchCrowd(env: Readonly<Record<string, string | undefined>>): Promise<Row[]> {
  await using farm = await startMediaWikiFarm(env)
  await using wikistead = await farm.wikistead('thin', 'run')
  const api = new ApiClient(wikistead.url, wikistead.token)
  const one = async (slug: string): Promise<Create> => {
    const create = await createWiki(api, slug)
    await create.ended
    return create
  }
  const soloMs: number[] = []
  for (let round = -2; round < alone; round += 1) {
    const { usableMs } = await one(`alone${String(round + 2)}`)
    if (round >= 0) soloMs.push(usableMs)
  }
  const solo = summarize(soloMs).p50
  const eightMs = await milliseconds(() =>
    Promise.all(Array.from({ length: 8 }, (_, place) => one(`eight${String(place)}`))),
  )
  let usable: number[] = []
  const allMs = await milliseconds(async () => {
    const creates = await Promise.all(
      Array.from({ length: crowd }, (_, place) => one(`crowd${String(place)}`)),
    )
    usable = creates.map(({ usableMs }) => usableMs).sort((a, b) => a - b)
  })
  const atOnce = await placesOf(api)
  const [first = 0, last = 0] = [usable[0], usable.at(-1)]
  // Nobody is served before one who came alone would be: the goal begins where all places have been used once, and after the
  // first, who has a goal of their own.
  const worst = Math.max(
    ...usable.map((each, index) => (each * atOnce) / ((index + 1) * solo)).slice(Math.max(atOnce - 1, 1)),
  )
  const eightASecond = 8_000 / eightMs
  const aSecond = (crowd * 1_000) / allMs
  return [
    row('one alone until usable (p50)', ms(solo), `of ${String(alone)}`),
    {
      ...row(`the first of ${String(crowd)} until usable`, ms(first), `alone: ${ms(solo)}`),
      ...{ result: times(first / solo), goal: '≤ 1.5×', met: first <= 1.5 * solo },
    },
    row(`… the ${String(crowd / 2)}th`, ms(usable[crowd / 2 - 1] ?? 0)),
    row('… the last', ms(last)),
    {
      ...row('the k-th, at worst', `${String(atOnce)} at once on this host`, 'k × alone ÷ how many at once'),
      ...{ result: times(worst), goal: '≤ 1.25×', met: worst <= 1.25 },
    },
    {
      ...row(
        `${String(crowd)} at once, with their index`,
        `${aSecond.toFixed(2)} wikis/s`,
        `8 at once: ${eightASecond.toFixed(2)} wikis/s`,
      ),
      result: times(aSecond / eightASecond),
    },
  ]
}

/** How many creations the host takes at once. */
async function placesOf(api: ApiClient): Promise<number> {
  const { hosts } = await api.ask<{ hosts: { creations?: number | null }[] }>('GET', '/v1/hosts')
  return hosts[0]?.creations ?? 8
}

const row = (what: string, ours: string, peer = ''): Row => ({
  ...{ what, ours, peer, result: '', goal: '', met: undefined },
})
