/** A MediaWiki world whose scripts run in a container of a real Docker Engine, as PHP's user there. Needs root. */
import { chown, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { startDockerd } from '@wikistead/mediawiki/test/dockerd'
import { startMediaWikiWorld, type MediaWikiWorld, type MediaWikiWorldOptions } from './mediawiki-world.ts'

export const phpInContainer = { uid: 33, gid: 33 }

export interface ContainerWorld extends AsyncDisposable {
  readonly world: MediaWikiWorld
  /** At once, with all that runs in it; resolves when it is stopped. */
  stopContainer(): Promise<void>
  startContainer(): Promise<void>
}

export async function startContainerWorld(options: MediaWikiWorldOptions = {}): Promise<ContainerWorld> {
  await using started = new AsyncDisposableStack()
  const dockerd = started.use(await startDockerd())
  const world = started.use(
    await startMediaWikiWorld({
      ...options,
      settings: {
        'wikifarm-runner': 'docker',
        'docker-socket': dockerd.socketPath,
        'wikifarm-instance': 'mediawiki',
        'wikifarm-container-dir': '/var/www/wikis',
        'wikifarm-container-oauth-dir': '/var/www/oauth',
        'wikifarm-php-user': `${String(phpInContainer.uid)}:${String(phpInContainer.gid)}`,
        ...options.settings,
      },
    }),
  )
  const { template, wikisFolder, oauthFolder, scripts } = world
  for (const name of ['images', 'cache']) {
    await chown(join(template, name), phpInContainer.uid, phpInContainer.gid)
  }
  const core = await readlink(join(template, 'mediawiki'))
  const container = await dockerd.startContainer({
    ...{ name: 'mediawiki', networked: true },
    binds: [
      ...[`${wikisFolder}:/var/www/wikis`, `${oauthFolder}:/var/www/oauth:ro`],
      ...[`${core}:${core}:ro`, `${scripts.folder}:${scripts.folder}`],
    ],
  })
  const running = started.move()
  return {
    world,
    stopContainer: () => container.stop({ t: 0 }),
    startContainer: () => container.start(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
