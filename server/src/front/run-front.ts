/** `wikistead serve-mediawiki`: the front of the MediaWiki wikis alone, over a store that others write. */
import { existsSync } from 'node:fs'
import type { Config } from '@wikistead/config'
import type { Front } from '@wikistead/mediawiki-template'
import { SetupError } from '@wikistead/processes'
import type { Store } from '@wikistead/store'
import type { Environment } from '../parts/environment.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { openConfiguredStore, pendingInStore, storePlace, poolSizes } from '../parts/open-store.ts'
import { serveWikis, type WikisFront } from './serve-wikis.ts'

/** @throws SetupError when the store is not there as `start` or `api` would have left it, or see `serveWikis` */
export async function runFront(
  config: Config,
  { env, logger, watch = new PartWatch(logger) }: Environment,
  listen: WikisFront['listen'],
): Promise<Front> {
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openMadeStore(config))
  opened.use(watch)
  watch.writeTo(store)
  const { port } = opened.use(await serveWikis(config, { store, listen, watch, path: env['PATH'] }))
  const running = opened.move()
  const close = () => running.disposeAsync()
  return { port, close, [Symbol.asyncDispose]: close }
}

/** Opening a store brings its tables up to date; a reader leaves that to those who write. */
async function openMadeStore(config: Config): Promise<Store> {
  const { storeUrl } = config
  const missing = storeUrl.engine === 'sqlite' && !existsSync(storeUrl.filename)
  if (missing || (await pendingInStore(config)).length > 0) {
    const state = missing ? 'is not there yet' : 'is of an older release'
    throw new SetupError(
      `The store ${storePlace(config)} ${state}: let \`wikistead start\` or \`api\` run first.`,
    )
  }
  return openConfiguredStore(config, poolSizes.host)
}
