import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { Readiness } from '@wikistead/contracts'
import { holderOf, isFreePort } from '@wikistead/processes'
import { hasEmbeddedFarm } from '../machine/embedded-farm.ts'
import type { Running } from '../parts/running.ts'
import { broken, fine, inWords, type Check } from './check.ts'

export function checkNode(): Check {
  const { version } = process
  if (Number(process.versions.node.split('.')[0]) >= 24) return fine('node', version)
  return broken('node', `${version} is too old`, 'Run it with Node 24: `npm ci` brings one.')
}

export function checkDataFolder({ dataFolder }: Config): Check {
  const name = 'data folder'
  try {
    if (!existsSync(dataFolder)) {
      accessSync(nearestFolder(dataFolder), constants.W_OK)
      return fine(name, `${dataFolder} is made at the first start`)
    }
    accessSync(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK)
    if ((statSync(dataFolder).mode & 0o077) !== 0) {
      return broken(name, `${dataFolder} is open to other users`, `Run: chmod 700 ${dataFolder}`)
    }
    const holder = holderOf(dataFolder)
    if (holder === undefined) return fine(name, `${dataFolder}, held by nobody`)
    return fine(
      name,
      `${dataFolder}, held by ${holder === 'unknown' ? 'a process' : `pid ${String(holder)}`}`,
    )
  } catch (error) {
    return broken(
      name,
      `${dataFolder}: ${inWords(error)}`,
      'Make it yours, or name another with data-folder.',
    )
  }
}

/** The ports that `start` would listen on: free, or held by the `start` that runs over this data folder. */
export async function checkPorts(config: Config, running: Running | undefined): Promise<Check[]> {
  const embedded = hasEmbeddedFarm(config)
  const wanted = [
    { name: 'port', ip: config.host, port: config.port, ours: running?.api },
    ...(embedded
      ? [{ name: 'fedwiki-farm-port', ip: '127.0.0.1', port: config.fedwikiFarmPort, ours: running?.farm }]
      : []),
    ...(config.temporalAddress === undefined
      ? [{ name: 'temporal-port', ip: '127.0.0.1', port: config.temporalPort, ours: running?.temporal }]
      : []),
  ]
  return Promise.all(wanted.map(checkPort))
}

async function checkPort({
  name,
  ip,
  port,
  ours,
}: {
  readonly name: string
  readonly ip: string
  readonly port: number
  readonly ours: string | undefined
}): Promise<Check> {
  if (ours !== undefined) return fine(name, `ours, at ${ours}`)
  if (port === 0) return fine(name, 'any free one')
  try {
    if (await isFreePort(port, ip)) return fine(name, `${String(port)} is free`)
    if (name === 'port' && (await isOurApi(ip, port))) {
      return fine(name, `${String(port)} is held by an API of Wikistead`)
    }
    return broken(
      name,
      `${String(port)} is taken by another program`,
      `Find it with "ss -ltnp sport = :${String(port)}" and stop it, or set ${name} to another.`,
    )
  } catch (error) {
    return broken(
      name,
      `cannot listen on ${ip}: ${inWords(error)}`,
      'Set host to an address of this machine.',
    )
  }
}

/** One that runs apart tells nobody on this machine of itself, but tells how it is. */
async function isOurApi(ip: string, port: number): Promise<boolean> {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[ip] ?? ip
  try {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}/readyz`
    const answer = await fetch(url, { signal: AbortSignal.timeout(apiPatienceMs), redirect: 'error' })
    return Readiness.safeParse(await answer.json()).success
  } catch {
    return false
  }
}

const apiPatienceMs = 5_000

function nearestFolder(path: string): string {
  const parent = dirname(path)
  return existsSync(parent) ? parent : nearestFolder(parent)
}
