/** A redis-server of this test's own, on a free port of this machine, with a password. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createClient } from '@redis/client'

export interface RedisServer extends AsyncDisposable {
  /** `host:port`; stays the same when it is started again. */
  readonly server: string
  readonly password: string
  /** As its administrator. */
  ask<T>(...command: readonly string[]): Promise<T>
  /** Answers again when this resolves. */
  start(): Promise<void>
  /** Gone at once, as by a power cut. */
  kill(): Promise<void>
  /** Holds still: connections stay open, nothing is answered. */
  freeze(): void
  thaw(): void
}

/** With a file for its users, it has them again when it is started again. */
export async function startRedisServer(
  usersFile?: string,
  options: readonly string[] = [],
): Promise<RedisServer> {
  const password = 'open sesame'
  for (;;) {
    const port = await freePort()
    let running: ChildProcess | undefined
    const redis: RedisServer = {
      server: `127.0.0.1:${port}`,
      password,
      async ask<T>(...command: readonly string[]) {
        const client = createClient({ url: `redis://127.0.0.1:${port}`, password })
        client.on('error', () => undefined)
        await client.connect()
        try {
          return await client.sendCommand<T>(command)
        } finally {
          client.destroy()
        }
      },
      async start() {
        running = await launch(port, password, usersFile, options)
      },
      async kill() {
        if (running === undefined) return
        const ended = once(running, 'exit')
        running.kill('SIGKILL')
        running = undefined
        await ended
      },
      freeze: () => running?.kill('SIGSTOP'),
      thaw: () => running?.kill('SIGCONT'),
      [Symbol.asyncDispose]: () => redis.kill(),
    }
    try {
      await redis.start()
      return redis
    } catch (error) {
      // Somebody else was quicker to take the port.
      if (!String(error).includes('Address already in use')) throw error
    }
  }
}

async function launch(
  port: number,
  password: string,
  usersFile: string | undefined,
  options: readonly string[],
): Promise<ChildProcess> {
  const child = spawn(
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1'],
      // The file says the password, too.
      ...(usersFile === undefined ? ['--requirepass', password] : ['--aclfile', usersFile]),
      ...['--save', '', '--appendonly', 'no', '--dir', '/tmp'],
      ...options,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  // A test that is killed disposes of nothing: then the pipe to this watch closes.
  const watch = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.once('exit', () => watch.kill('SIGKILL'))
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(printed)))
  // It may well end later: then that is the test's own doing.
  failed.catch(() => {})
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', () => {
      if (printed.includes('Ready to accept connections')) resolve()
    })
  })
  await Promise.race([ready, failed])
  return child
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
