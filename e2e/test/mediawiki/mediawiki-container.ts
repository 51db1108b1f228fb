/** A MediaWiki world whose scripts run in a container of a real Docker Engine, as PHP's user there. Needs root. */
import { chown, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDockerd } from '@wikistead/mediawiki/test/dockerd'
import { startPortainerStandIn, type PortainerStandIn } from '@wikistead/mediawiki/test/portainer-stand-in'
import { startMediaWikiWorld, type MediaWikiWorld, type MediaWikiWorldOptions } from './mediawiki-world.ts'

export const phpInContainer = { uid: 33, gid: 33 }

export interface ContainerWorld extends AsyncDisposable {
  readonly world: MediaWikiWorld
  /** With `portainerKey`: what the workers ask. */
  readonly portainer: PortainerStandIn | undefined
  /** At once, with all that runs in it; resolves when it is stopped. */
  stopContainer(): Promise<void>
  startContainer(): Promise<void>
}

interface ContainerWorldOptions extends MediaWikiWorldOptions {
  /** The engine is asked by way of a stand-in for Portainer, for whoever has this key. */
  readonly portainerKey?: string
}

export async function startContainerWorld({
  portainerKey,
  ...options
}: ContainerWorldOptions = {}): Promise<ContainerWorld> {
  await using started = new AsyncDisposableStack()
  const dockerd = started.use(await startDockerd())
  const { socketPath } = dockerd
  const portainer =
    portainerKey === undefined
      ? undefined
      : started.use(await startPortainerStandIn({ socketPath, id: 3, apiKey: portainerKey }))
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-portainer-'))
  started.defer(() => rm(folder, { recursive: true }))
  const ca = join(folder, 'ca.pem')
  if (portainer !== undefined) await writeFile(ca, portainer.ca)
  const world = started.use(
    await startMediaWikiWorld({
      ...options,
      settings: {
        'wikifarm-runner': portainer === undefined ? 'docker' : 'portainer',
        'docker-socket': socketPath,
        ...(portainer !== undefined && {
          'portainer-endpoint': portainer.endpoint,
          'portainer-key': portainerKey ?? '',
          'portainer-ca': ca,
        }),
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
    ...{ world, portainer },
    stopContainer: () => container.stop({ t: 0 }),
    startContainer: () => container.start(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
