/** Our own processes as an operator starts them: `wikistead api`, `worker` and `worker --host`, some of each. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { flagsOf } from '@wikistead/test/secret-flags'
import { chooseFreePort } from '@wikistead/processes'
import { accepts, answersOk } from './answers.ts'
import { Process, type ProcessOptions } from './mortal.ts'

export type Settings = Readonly<Record<string, string>>

export interface Ours {
  readonly apis: readonly OurApi[]
  readonly workers: readonly Process[]
  readonly hosts: readonly OurHost[]
  /** In the order of an upgrade; see docs/upgrading.md. */
  readonly all: readonly Process[]
  /** From the next start of each on it is of the checkout in this folder. */
  become(checkout: string): void
}

export interface OurApi {
  readonly process: Process
  readonly url: string
  readonly dataFolder: string
}

interface OurHost {
  readonly process: Process
  readonly name: string
  readonly wikisFolder: string
}

/** This checkout. */
export const thisCheckout = join(import.meta.dirname, '../..')

const program = (checkout: string) => join(checkout, 'cli/src/main.ts')

/** How many of each. */
export interface Count {
  readonly apis: number
  readonly workers: number
  readonly hosts: number
}

export const hostNames = ({ hosts }: Count): readonly string[] => numbered('host', hosts)

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name}-${String(n + 1)}`)

export interface OursOptions {
  readonly folder: string
  readonly checkout: string
  readonly settings: Settings
  readonly env: Readonly<Record<string, string>>
  readonly count: Count
  /** Of the host of that name. */
  readonly hostSettings: (host: string) => Settings
}

/** Nothing is started yet. */
export async function ourProcesses(options: OursOptions): Promise<Ours> {
  const { folder } = options
  const apis: OurApi[] = []
  const workers: Process[] = []
  const hosts: OurHost[] = []
  const commands = new Map<Process, readonly string[]>()
  const add = async (
    name: string,
    command: readonly string[],
    more: Settings,
    ready: (port: number) => ProcessOptions['ready'],
    portSetting: string,
  ) => {
    const port = await chooseFreePort('127.0.0.1')
    const settings = {
      ...{ ...options.settings, 'data-folder': join(folder, name), [portSetting]: String(port) },
      ...more,
    }
    const args = [...command, ...flagsOf(settings, join(folder, 'secrets'))]
    const one = new Process(name, {
      ...{ command: process.execPath, args: [program(options.checkout), ...args] },
      ...{ env: options.env, ready: ready(port) },
      ...{ logFile: join(folder, `${name}.log`), stopGraceMs: 30_000 },
    })
    commands.set(one, args)
    return { process: one, port, dataFolder: settings['data-folder'] ?? '' }
  }
  for (const name of numbered('api', options.count.apis)) {
    const up = (port: number) => answersOk(`http://127.0.0.1:${String(port)}/healthz`)
    const api = await add(name, ['api'], {}, up, 'port')
    apis.push({ ...api, url: `http://127.0.0.1:${String(api.port)}` })
  }
  const listens = (port: number) => accepts('127.0.0.1', port)
  for (const name of numbered('worker', options.count.workers)) {
    const worker = await add(name, ['worker'], { port: '0' }, listens, 'worker-metrics-port')
    workers.push(worker.process)
  }
  for (const name of hostNames(options.count)) {
    const its = options.hostSettings(name)
    const command = ['worker', `--host=${name}`]
    const host = await add(name, command, { port: '0', ...its }, listens, 'worker-metrics-port')
    hosts.push({ process: host.process, name, wikisFolder: its['wikifarm-dir'] ?? '' })
  }
  return {
    ...{ apis, workers, hosts },
    all: [...hosts.map((host) => host.process), ...workers, ...apis.map((api) => api.process)],
    become(checkout) {
      for (const [one, args] of commands) one.become({ args: [program(checkout), ...args] })
    },
  }
}

export async function bootstrapToken({ dataFolder }: OurApi): Promise<string> {
  return (await readFile(join(dataFolder, 'bootstrap-token'), 'utf8')).trim()
}
