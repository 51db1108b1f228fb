/** HAProxy before Temporal's frontends, set up as docs/temporal.md says. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseFreePort } from '@wikistead/processes'
import { accepts } from './answers.ts'
import { Process } from './mortal.ts'

export interface Balancer {
  readonly process: Process
  /** host:port */
  readonly address: string
}

export async function startBalancer(folder: string, frontends: readonly string[]): Promise<Balancer> {
  const port = await chooseFreePort('127.0.0.1')
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, balancerConfig(`127.0.0.1:${String(port)}`, frontends))
  const process = new Process('haproxy', {
    ...{ command: 'haproxy', args: ['-db', '-f', file], env: { PATH: '/usr/sbin:/usr/bin:/bin' } },
    ...{ logFile: join(folder, 'haproxy.log'), ready: accepts('127.0.0.1', port) },
  })
  await process.start()
  return { process, address: `127.0.0.1:${String(port)}` }
}

/** Connections to a frontend that is gone are ended at once, so that clients come back to another. */
export function balancerConfig(listen: string, frontends: readonly string[]): string {
  return [
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 5m',
    '  timeout server 5m',
    'frontend temporal',
    `  bind ${listen}`,
    '  default_backend frontends',
    'backend frontends',
    '  balance leastconn',
    '  option redispatch',
    '  retries 3',
    '  default-server check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions',
    ...frontends.map((address, n) => `  server frontend-${String(n + 1)} ${address}`),
    '',
  ].join('\n')
}
