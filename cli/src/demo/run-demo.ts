/**
 * The demo: `start` with everything embedded, and a first site through the API like anybody's, looked at from outside
 * before it is called done.
 */
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { bootstrapTokenFile, createLogger, start, type Started } from '@wikistead/server'
import { ApiClient } from '../api-client.ts'
import { columns } from '../columns.ts'
import { AlreadyTold, CommandFailure, describe, exitCodes } from '../errors.ts'
import { seconds } from '../moment.ts'
import type { Output } from '../output.ts'
import type { Environment } from '../setting-flags.ts'
import { startTicker } from '../ticker.ts'
import { stopSignal } from '../until-stopped.ts'
import { checkSite } from './check-site.ts'
import { ensureSite, type DemoSite } from './ensure-site.ts'
import { requireEmbedded, withFreePorts } from './demo-config.ts'
import { Steps } from './steps.ts'

export interface DemoOptions {
  readonly env: Environment
  readonly out: Output
  readonly once: boolean
}

/** The last object for programs is `done`, with what went wrong if it is not ok. */
export async function runDemo(config: Config, options: DemoOptions): Promise<void> {
  try {
    await demonstrate(config, options)
  } catch (error) {
    const { message, code, next } = describe(error)
    options.out.event('done', { ok: false, message, code, next, wikis: [] })
    throw options.out.json ? new AlreadyTold(error) : error
  }
}

async function demonstrate(configured: Config, { env, out, once }: DemoOptions): Promise<void> {
  const began = performance.now()
  const stop = stopSignal()
  const stopped = stop.then(() => {
    throw new CommandFailure('interrupted', 'Stopped before the demo was up.', { code: 'interrupted' })
  })
  stopped.catch(() => undefined)

  requireEmbedded(configured)
  using ticker = await startTicker(out)
  const steps = new Steps(out, ticker)
  const config = await withFreePorts(configured, (line) => {
    steps.note(line)
  })
  steps.note(`The demo lives in ${config.dataFolder}; a second run goes on with what is there.`)
  steps.underWay('starting the store, Temporal and a FedWiki farm')
  const logFile = join(config.dataFolder, 'wikistead.log')
  const starting = start(config, {
    ...{ env, logger: fileLogger(config, logFile) },
    onNote: (line) => {
      steps.note(line)
    },
    onPart: ({ part, detail, ms }) => {
      steps.done(part, detail, ms)
    },
  })
  await using running = await Promise.race([starting, stopped]).catch((error: unknown) => {
    // What has started so far cannot outlive this process; waiting for the rest may take minutes.
    if (error instanceof CommandFailure) leaveAtOnce(out, error)
    throw error
  })
  const site = await Promise.race([firstSite(running, steps), stopped])
  ticker.clear()
  const { wiki, ms } = site
  tellWhere(out, config, running, site, logFile, performance.now() - began)
  out.done({ wikis: [{ engine: wiki.engine, name: wiki.name, url: wiki.url, ms }] })
  if (!once) {
    out.line('Ctrl-C stops it.')
    await Promise.race([stop, running.ended])
  }
  out.line('Stopping …')
}

async function firstSite(running: Started, steps: Steps): Promise<DemoSite & { readonly ms: number }> {
  const { url, bootstrap, farm } = running
  const api = new ApiClient({ url, token: bootstrap.token, tokenFrom: 'the demo’s own' })
  const began = performance.now()
  const site = await ensureSite(api, steps)
  if (farm === undefined) throw new Error('the demo has no farm')
  await checkSite(farm.door, site, steps)
  return { ...site, ms: Math.round(performance.now() - began) }
}

function tellWhere(
  out: Output,
  { dataFolder }: Config,
  { url, farm }: Started,
  { wiki, owner }: DemoSite,
  logFile: string,
  ms: number,
): void {
  const ownerLink = farm?.ownerLink(wiki.url, owner) ?? ''
  const places = {
    site: wiki.url,
    owner_link: ownerLink,
    api: url,
    reference: `${url}/reference`,
    metrics: `${url}/metrics`,
    token_file: bootstrapTokenFile(dataFolder),
    log_file: logFile,
    data_folder: dataFolder,
  }
  out.event('ready', { ...places, ms: Math.round(ms) })
  const here = `--data-folder ${dataFolder}`
  const rows = [
    ['Site', wiki.url],
    ['Owner link', ownerLink],
    [
      '',
      `signs you in as its owner, once, within 15 minutes; another one: npx wikistead owner-link demo ${here}`,
    ],
    ['API', places.api],
    ['Reference', places.reference],
    ['Metrics', places.metrics],
    ['Token file', places.token_file],
    ['Log', places.log_file],
    ['Next', `npx wikistead create my-site ${here}`],
  ]
  for (const line of ['', ...columns(rows), '', `Up in ${seconds(ms)}.`]) out.line(line)
}

function fileLogger(config: Config, logFile: string) {
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  return createLogger(config.logLevel, createWriteStream(logFile, { flags: 'a', mode: 0o600 }))
}

function leaveAtOnce(out: Output, { message, details }: CommandFailure): never {
  out.event('done', { ok: false, message, ...details, wikis: [] })
  out.line(message)
  process.exit(exitCodes.interrupted)
}
