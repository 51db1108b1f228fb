import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@wikistead/store'
import { ApiClient } from './api-client.ts'
import { compare } from './measure.ts'
import { runWikistead } from './running-wikistead.ts'
import { ms, times, type Row } from './table.ts'

/** A page of `GET /v1/wikis` in a farm of 100,000 wikis, against one of 1,000. */
export async function benchList(): Promise<Row[]> {
  await using small = await runWithWikis(1_000)
  await using large = await runWithWikis(100_000)
  const rows: Row[] = []
  for (const [what, query] of [
    ['first page', 'limit=50'],
    ['of one owner', 'limit=50&owner=1'],
  ] as const) {
    const { ours, peer, ratio } = await compare(
      200,
      () => large.api.ask('GET', `/v1/wikis?${query}`),
      () => small.api.ask('GET', `/v1/wikis?${query}`),
      20,
    )
    rows.push({
      what: `list wikis, ${what} (p50)`,
      ours: `100,000 rows: ${ms(ours.p50)}`,
      peer: `1,000 rows: ${ms(peer.p50)}`,
      result: times(ratio),
      goal: '≤ 1.3×',
      met: ratio <= 1.3,
    })
  }
  return rows
}

async function runWithWikis(count: number) {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-bench-'))
  const filename = join(folder, 'wikistead.sqlite')
  {
    await using store = await openStore({ engine: 'sqlite', filename })
    for (let made = 0; made < count; made += 500) {
      const batch = Array.from({ length: 500 }, (_, n) => wikiRow(made + n))
      await store.transaction((scope) => scope.wikis.insertMany(batch))
    }
  }
  const wikistead = await runWikistead({ 'fedwiki-embedded-farm': 'false' }, folder)
  return {
    api: new ApiClient(wikistead.url, wikistead.token),
    async [Symbol.asyncDispose]() {
      await wikistead[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function wikiRow(n: number) {
  const address = `site-${String(n)}.wiki.localhost`
  return {
    ...({
      engine: 'fedwiki',
      address,
      name: `Site ${String(n)}`,
      status: 'active',
      visibility: 'public',
    } as const),
    ...{
      customDomain: false,
      ownerId: (n % 10) + 1,
      ownerSubject: `sub-${String(n)}`,
      ownerName: 'Somebody',
      taskId: null,
    },
  }
}
