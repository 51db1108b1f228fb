/**
 * A private Docker Engine, and containers that see this machine's own programs: an image of a few empty folders and
 * links, with /usr mounted into it. Needs root, and Debian's package docker.io.
 */
import { execFile, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, open, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { superviseChild } from '@wikistead/processes'
import Docker from 'dockerode'

const run = promisify(execFile)
const image = 'wikistead-test:latest'
const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

export interface TestDockerd extends AsyncDisposable {
  readonly socketPath: string
  readonly docker: Docker
  startContainer(options: ContainerOptions): Promise<Docker.Container>
  /** SIGKILL; resolves when the engine answers again. Containers live on. */
  killAndRestart(): Promise<void>
}

interface ContainerOptions {
  readonly name: string
  /** `HOST:CONTAINER[:ro]`. */
  readonly binds: readonly string[]
  /** Ends at once and is started again, for ever; else it runs until it is removed, or this process ends. */
  readonly restless?: boolean
  /** It shares this machine's network; default none. */
  readonly networked?: boolean
}

export async function startDockerd(): Promise<TestDockerd> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-docker-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const socketPath = join(folder, 'docker.sock')
  const data = join(folder, 'data')
  const docker = new Docker({ socketPath })
  const containerdSocket = join(folder, 'containerd.sock')
  const config = join(folder, 'containerd.toml')
  await writeFile(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
  // A process of its own, as on a real host: it outlives a killed dockerd.
  const containerd = await superviseChild({
    name: 'containerd',
    command: 'containerd',
    args: [
      ...['--config', config, '--address', containerdSocket, '--log-level', 'error'],
      ...['--root', join(folder, 'containerd'), '--state', join(folder, 'containerd-state')],
    ],
    env,
    logFile: join(folder, 'containerd.log'),
    ready: (signal) => answers(signal, () => access(containerdSocket)),
  })
  started.defer(() => containerd.stop())
  const child = await superviseChild({
    name: 'dockerd',
    command: 'dockerd',
    args: [
      ...['--host', `unix://${socketPath}`, '--containerd', containerdSocket, '--live-restore'],
      ...['--data-root', data, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'dockerd.pid')],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
      ...['--storage-driver=overlay2', '--log-level=error'],
    ],
    env,
    logFile: join(folder, 'dockerd.log'),
    ready: (signal) => answers(signal, () => docker.ping()),
  })
  // It mounts the folder on itself, and one that was killed leaves it so; and the machine's network for a container.
  started.defer(async () => {
    for (const mounted of [data, join(folder, 'exec/netns/default')]) {
      await run('umount', [mounted], { env }).catch(() => {})
    }
  })
  started.defer(() => child.stop())
  await importImage(docker, join(folder, 'image'))
  // Containers outlive their engine, and even a killed test: each ends when nobody holds this pipe open for writing.
  const lifeline = join(folder, 'lifeline')
  await run('mkfifo', [lifeline])
  const held = await open(lifeline, 'r+')
  started.defer(() => held.close())
  started.defer(async () => {
    const all = await docker.listContainers({ all: true })
    await Promise.all(all.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
  })
  const running = started.move()
  return {
    socketPath,
    docker,
    async startContainer({ name, binds, restless = false, networked = false }) {
      const container = await docker.createContainer({
        name,
        Image: image,
        Cmd: restless ? ['false'] : ['sh', '-c', 'read -r _ </lifeline'],
        HostConfig: {
          Init: true,
          RestartPolicy: { Name: restless ? 'always' : 'no' },
          NetworkMode: networked ? 'host' : 'none',
          Binds: ['/usr:/usr:ro', '/etc/php:/etc/php:ro', `${lifeline}:/lifeline`, ...binds],
        },
      })
      await container.start()
      return container
    },
    async killAndRestart() {
      const { pid } = child.state
      if (pid === undefined) throw new Error('dockerd does not run')
      process.kill(pid, 'SIGKILL')
      while (child.state.pid === pid || child.state.kind !== 'ready') await sleep(20)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function answers(signal: AbortSignal, ask: () => Promise<unknown>): Promise<void> {
  for (; ; await sleep(20, undefined, { signal })) {
    const answered = await ask().then(
      () => true,
      () => false,
    )
    if (answered) return
  }
}

/** `bin` and its like are links into /usr; `sbin` is a real folder, for Docker's own init. */
async function importImage(docker: Docker, folder: string): Promise<void> {
  for (const name of ['dev', 'etc', 'proc', 'run', 'sbin', 'sys', 'tmp', 'usr', 'var']) {
    await mkdir(join(folder, name), { recursive: true })
  }
  for (const name of ['bin', 'lib', 'lib64']) await symlink(await readlink(`/${name}`), join(folder, name))
  const system = ['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'passwd', 'group']
  await run('cp', ['-a', ...system.map((name) => `/etc/${name}`), join(folder, 'etc')])
  await run('chmod', ['1777', join(folder, 'tmp')])
  const tar = spawn('tar', ['-C', folder, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const imported = await docker.importImage(tar.stdout, { repo: 'wikistead-test', tag: 'latest' })
  await new Promise((resolve, reject) => imported.on('end', resolve).on('error', reject).resume())
}
