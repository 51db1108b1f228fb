/** A farm of real wikis with the front before it. */
import { join } from 'node:path'
import { serveMediaWiki, type Front } from '../src/serve-mediawiki.ts'
import type { WikiStatus } from '../src/status-page.ts'
import { env, rootHost, startTestFarm, type TestFarm, type TestWiki } from './test-farm.ts'
import { Visitor } from './visitor.ts'

export interface TestSite extends AsyncDisposable {
  readonly farm: TestFarm
  readonly front: Front
  /** What the front hears of a wiki; `unknown` without an entry. */
  readonly statuses: Map<string, WikiStatus>
  /** Made, installed and opened. */
  openWiki(...args: Parameters<TestFarm['makeWiki']>): Promise<TestWiki>
  /** Somebody new. */
  visitor(): Visitor
}

export const hostOf = (slug: string): string => `${slug}.${rootHost}`

export async function startTestSite(): Promise<TestSite> {
  await using started = new AsyncDisposableStack()
  const farm = started.use(await startTestFarm())
  const statuses = new Map<string, WikiStatus>()
  const front = started.use(
    await serveMediaWiki({
      listen: { host: '127.0.0.1', port: 0 },
      rootHost,
      wikisFolder: farm.wikisFolder,
      stateFolder: join(farm.folder, 'front'),
      env,
      status: (slug) => statuses.get(slug) ?? { state: 'unknown' },
    }),
  )
  const running = started.move()
  return {
    farm,
    front,
    statuses,
    async openWiki(...args) {
      const wiki = await farm.makeWiki(...args)
      await wiki.install()
      statuses.set(wiki.slug, { state: 'ready' })
      return wiki
    },
    visitor: () => new Visitor(front.port),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
