/** What the whole run shares; see `provided.ts`. Each service starts when the first test connects to it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTemporalCli, startTemporalServer } from '@wikistead/processes'
import type { TestProject } from 'vitest/node'
import { ensureDebianPackages } from './debian-packages.ts'
import { startMariadb } from './mariadb.ts'
import { onFirstConnection } from './on-first-connection.ts'
import './provided.ts'
import { sharedWorkflowBundle } from './workflow-bundle.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensureDebianPackages()
  const cli = await findTemporalCli({
    env: process.env,
    cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead'),
    onProgress: (line) => console.log(line),
  })

  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-test-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))

  const temporal = lazily(started, () =>
    startTemporalServer({ cli: cli.path, folder: join(folder, 'temporal') }),
  )
  const temporalDoor = await onFirstConnection({ port: 0, host: '127.0.0.1' }, async () => {
    const [host = '', port] = (await temporal()).address.split(':')
    return { host, port: Number(port) }
  })
  started.use(temporalDoor)
  project.provide('temporalAddress', `127.0.0.1:${temporalDoor.port}`)

  const mariadb = lazily(started, () => startMariadb(join(folder, 'mariadb')))
  const mariadbDoor = await onFirstConnection({ port: 0, host: '127.0.0.1' }, async () => ({
    host: '127.0.0.1',
    port: (await mariadb()).port,
  }))
  started.use(mariadbDoor)
  const socketPath = join(folder, 'mariadb.sock')
  started.use(
    await onFirstConnection({ path: socketPath }, async () => ({ path: (await mariadb()).socketPath })),
  )
  project.provide('mariadb', { socketPath, port: mariadbDoor.port })

  project.provide('workflowBundlePath', await sharedWorkflowBundle())

  const running = started.move()
  return () => running.disposeAsync()
}

/** Starts it once, at the first call; what was started is stopped with the stack. */
function lazily<Service extends AsyncDisposable>(
  stack: AsyncDisposableStack,
  start: () => Promise<Service>,
): () => Promise<Service> {
  let service: Promise<Service> | undefined
  stack.defer(async () => {
    await (await service?.catch(() => undefined))?.[Symbol.asyncDispose]()
  })
  return () => (service ??= start())
}
