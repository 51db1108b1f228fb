import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chooseFreePort } from '@wikistead/processes'
import { accepts } from './answers.ts'
import { Process } from './mortal.ts'

export interface Redis {
  readonly process: Process
  readonly address: string
}

/** A private Redis for live events, which keeps nothing. */
export async function startRedis(folder: string): Promise<Redis> {
  await mkdir(folder, { recursive: true })
  const port = await chooseFreePort('127.0.0.1')
  const process = new Process('redis', {
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    ...{ env: { PATH: '/usr/bin:/bin' }, logFile: join(dirname(folder), 'redis.log') },
    ready: accepts('127.0.0.1', port),
  })
  await process.start()
  return { process, address: `127.0.0.1:${String(port)}` }
}
