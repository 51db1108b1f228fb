/** `start` dies by SIGKILL amid a creation and is started again at once: when the creation goes on. */
import { ApiClient } from './api-client.ts'
import { startMediaWikiFarm, type MediaWikiFarm } from './mediawiki-farm.ts'
import { summarize } from './measure.ts'
import { ms, type Row } from './table.ts'

const rounds = 7
/** It is killed when this phase begins: MediaWiki's installer is at work for a second. */
const amid = 'docker_install'

interface Event {
  readonly type: string
  readonly phase?: string
  readonly status?: string
}

interface Round {
  readonly upMs: number
  readonly onMs: number
}

export async function benchRestart(env: Readonly<Record<string, string | undefined>>): Promise<Row[]> {
  await using farm = await startMediaWikiFarm(env)
  const all: Round[] = []
  // The first fills the caches.
  for (let round = -1; round < rounds; round += 1) {
    const measured = await killAndStart(farm, `killed${String(round + 1)}`)
    if (round >= 0) all.push(measured)
  }
  const up = summarize(all.map(({ upMs }) => upMs))
  const on = summarize(all.map(({ onMs }) => onMs))
  return [
    {
      what: 'from SIGKILL to the API again (p50)',
      ours: ms(up.p50),
      ...{ peer: `of ${String(rounds)}`, result: '', goal: '', met: undefined },
    },
    {
      what: 'from SIGKILL to the next event of a creation (p50)',
      ours: ms(on.p50),
      peer: `at most ${ms(Math.max(...all.map(({ onMs }) => onMs)))}`,
      ...{ result: '', goal: '≤ 3 s', met: on.p50 <= 3_000 },
    },
  ]
}

async function killAndStart(farm: MediaWikiFarm, slug: string): Promise<Round> {
  const first = await farm.wikistead('full', 'run')
  const before = new ApiClient(first.url, first.token)
  const { task_id: taskId } = await before.ask<{ task_id: string }>(
    'POST',
    '/v1/wikis',
    { engine: 'mediawiki', name: `The wiki ${slug}`, slug, language: 'en' },
    { prefer: 'respond-async' },
  )
  let seen = 0
  for await (const { phase } of before.events<Event>(taskId)) {
    seen += 1
    if (phase === amid) break
  }
  const killed = performance.now()
  await first.kill()
  await using second = await farm.wikistead('full', 'run', first.dataFolder)
  const upMs = performance.now() - killed
  let onMs: number | undefined
  let last: Event | undefined
  let count = 0
  for await (const event of new ApiClient(second.url, second.token).events<Event>(taskId)) {
    last = event
    count += 1
    if (count > seen) onMs ??= performance.now() - killed
  }
  if (last?.status !== 'succeeded' || onMs === undefined)
    throw new Error(`${slug} did not go on: ${JSON.stringify(last)}`)
  return { upMs, onMs }
}
