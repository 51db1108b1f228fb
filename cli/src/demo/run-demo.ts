/**
 * The demo: `start` with everything embedded, and a first site through the API like anybody's, looked at from outside
 * before it is called done.
 */
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import { FirstSignIn, type Wiki } from '@wikistead/contracts'
import { chooseFreePort } from '@wikistead/processes'
import {
  bootstrapTokenFile,
  demoPhpUser,
  createLogger,
  PartWatch,
  prepareMediaWiki,
  runFront,
  start,
  type PreparedMediaWiki,
  type Started,
} from '@wikistead/server'
import { ApiClient } from '../api-client.ts'
import { columns } from '../columns.ts'
import { commandLine, rememberDataFolder } from '../commands-in-words.ts'
import { AlreadyTold, CommandFailure, describe, exitCodes } from '../errors.ts'
import { seconds } from '../moment.ts'
import type { Output } from '../output.ts'
import type { Environment } from '../setting-flags.ts'
import { startTicker } from '../ticker.ts'
import { stopSignal } from '../until-stopped.ts'
import { checkSite } from './check-site.ts'
import { checkHub, checkWiki, frontPage } from './check-wiki.ts'
import { ensureSite, type DemoSite } from './ensure-site.ts'
import { ensureWiki } from './ensure-wiki.ts'
import { keepSettings } from './kept-settings.ts'
import { freeInsteadOf, requireEmbedded, withFreePorts } from './demo-config.ts'
import { Steps } from './steps.ts'

export interface DemoOptions {
  readonly env: Environment
  readonly out: Output
  readonly once: boolean
  /** Also a MediaWiki wiki. */
  readonly mediawiki: boolean
}

/** The settings as they are, with these over their defaults. */
type Configure = (settings?: Readonly<Record<string, string>>) => Config

/** The last object for programs is `done`, with what went wrong if it is not ok. */
export async function runDemo(configure: Configure, options: DemoOptions): Promise<void> {
  try {
    await demonstrate(configure, options)
  } catch (error) {
    const { message, code, next } = describe(error)
    options.out.event('done', { ok: false, message, code, next, wikis: [] })
    throw options.out.json ? new AlreadyTold(error) : error
  }
}

async function demonstrate(configure: Configure, options: DemoOptions): Promise<void> {
  const { env, out, once } = options
  const began = performance.now()
  const stop = stopSignal()
  const stopped = stop.then(() => {
    throw new CommandFailure('interrupted', 'Stopped before the demo was up.', { code: 'interrupted' })
  })
  stopped.catch(() => undefined)

  requireEmbedded(configure())
  using ticker = startTicker(out)
  const steps = new Steps(out, ticker)
  const note = (line: string) => {
    steps.note(line)
  }
  const { dataFolder } = configure()
  rememberDataFolder(dataFolder)
  const ports = await withFreePorts(configure(), note)
  const frontPort = await freeInsteadOf(8430, '127.0.0.1', 'the front of MediaWiki', note)
  const logFile = join(dataFolder, 'wikistead.log')
  const logger = fileLogger(configure(), logFile)
  const { wikifarmPhpUser: phpUser, mariadbUser } = configure({ 'wikifarm-php-user': demoPhpUser })
  const watch = new PartWatch(logger)
  const place = { dataFolder, env, frontPort, logger, watch, onNote: note, phpUser, mariadbUser }
  await using prepared = await Promise.race([prepare(place, options, steps), stopped])
  const { fedwikiFarmPort } = ports
  // It stands in the hub's settings before anything listens.
  const port = ports.port === 0 ? await chooseFreePort('127.0.0.1') : ports.port
  const config = { ...configure(prepared?.settings), port, fedwikiFarmPort }
  using _kept = keepSettings(dataFolder, {
    ...prepared?.settings,
    ...{ port: String(port), 'fedwiki-farm-port': String(fedwikiFarmPort) },
  })
  steps.underWay('starting the store, Temporal and a FedWiki farm')
  const starting = start(config, {
    ...{ env, logger, watch },
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
  await using front =
    prepared && (await runFront(config, { env, logger, watch }, { host: '127.0.0.1', port: frontPort }))
  const made = front && (await Promise.race([firstWikis(running, front.port, steps), stopped]))
  ticker.clear()
  const signInLink = await running.signInLink()
  tellWhere(out, config, running, { site, made, logFile, signInLink, ms: performance.now() - began })
  out.done({ wikis: [site, ...(made === undefined ? [] : [made, made.hub])].map(told) })
  if (!once) {
    out.line('Ctrl-C stops it.')
    await Promise.race([stop, running.ended])
  }
  out.line('Stopping …')
}

/** Undefined where there can be none: the demo goes on with FedWiki, and says what is missing. */
async function prepare(
  place: Parameters<typeof prepareMediaWiki>[0],
  { mediawiki }: DemoOptions,
  steps: Steps,
): Promise<PreparedMediaWiki | undefined> {
  if (!mediawiki) return undefined
  try {
    return await steps.run(
      'mediawiki',
      'preparing MediaWiki: PHP, MariaDB and a template',
      () => prepareMediaWiki(place),
      ({ explanation }) => explanation,
    )
  } catch (error) {
    place.onNote(`No MediaWiki this time: ${describe(error).message}`)
    return undefined
  }
}

interface MadeWiki {
  readonly wiki: Wiki
  readonly ms: number
}

interface MadeWikis extends MadeWiki {
  /** The wiki whose accounts the other shares. */
  readonly hub: MadeWiki & { readonly signInLink: string | undefined }
}

/** The hub, where members make their own, and a first child of it. */
async function firstWikis(running: Started, frontPort: number, steps: Steps): Promise<MadeWikis> {
  const { url, bootstrap } = running
  const api = new ApiClient({ url, token: bootstrap.token, tokenFrom: 'the demo’s own' })
  const frontUrl = `http://127.0.0.1:${String(frontPort)}`
  const make = async (wanted: Parameters<typeof ensureWiki>[1]): Promise<MadeWiki> => {
    const began = performance.now()
    const wiki = await ensureWiki(api, wanted, steps)
    await checkWiki(frontUrl, wiki, steps)
    return { wiki, ms: Math.round(performance.now() - began) }
  }
  const of = { engine: 'mediawiki', language: 'en', owner_name: bootstrap.user.name } as const
  const hub = await make({ ...of, slug: 'hub', name: 'Demo hub', hub: true })
  await checkHub(frontUrl, hub.wiki, steps)
  const child = await make({ ...of, slug: 'demo', name: 'Demo wiki' })
  const signIn = await api
    .ask({ method: 'POST', path: `/v1/wikis/${String(hub.wiki.id)}/first-sign-in`, answer: FirstSignIn })
    .catch(() => undefined)
  return { ...child, hub: { ...hub, signInLink: signIn?.url } }
}

const told = ({ wiki: { engine, name, url }, ms }: MadeWiki) => ({ engine, name, url, ms })

async function firstSite(running: Started, steps: Steps): Promise<DemoSite & { readonly ms: number }> {
  const { url, bootstrap, farm } = running
  const api = new ApiClient({ url, token: bootstrap.token, tokenFrom: 'the demo’s own' })
  const began = performance.now()
  const site = await ensureSite(api, steps)
  if (farm === undefined) throw new Error('the demo has no farm')
  await checkSite(farm.door, site, steps)
  return { ...site, ms: Math.round(performance.now() - began) }
}

interface Shown {
  readonly site: DemoSite
  readonly made: MadeWikis | undefined
  readonly logFile: string
  readonly signInLink: string
  readonly ms: number
}

function tellWhere(
  out: Output,
  { dataFolder }: Config,
  { url, farm }: Started,
  { site: { wiki, owner }, made, logFile, signInLink, ms }: Shown,
): void {
  const ownerLink = farm?.ownerLink(wiki.url, owner) ?? ''
  const places = {
    site: wiki.url,
    wiki: made?.wiki.url,
    hub: made && frontPage(made.hub.wiki),
    hub_sign_in_link: made?.hub.signInLink,
    owner_link: ownerLink,
    sign_in_link: signInLink,
    api: url,
    reference: `${url}/reference`,
    metrics: `${url}/metrics`,
    token_file: bootstrapTokenFile(dataFolder),
    log_file: logFile,
    data_folder: dataFolder,
  }
  out.event('ready', { ...places, ms: Math.round(ms) })
  const facts = [
    ['API', places.api],
    ['Reference', places.reference],
    ['Metrics', `${places.metrics}, for operators: with the token`],
    ['Token file', places.token_file],
    ['Log', places.log_file],
    ['Another site', commandLine(['create', 'my-site'])],
    ['Another link', `to the console: ${commandLine(['sign-in-link'])}`],
    ['', `to the site, as its owner: ${commandLine(['owner-link', wiki.address])}`],
  ]
  for (const line of ['', ...columns(facts), '', `Up in ${seconds(ms)}.`, '']) out.line(line)
  // What is wanted first stands last, each alone on its line.
  const links = [
    ['The site, as its owner (once, within 15 minutes):', ownerLink || wiki.url],
    ...(made === undefined
      ? []
      : [
          ['The MediaWiki wiki:', made.wiki.url],
          ['The hub, where everybody with an account makes wikis:', frontPage(made.hub.wiki)],
          ...(made.hub.signInLink === undefined
            ? []
            : [['Choose a password there, as its founder (once, within 15 minutes):', made.hub.signInLink]]),
        ]),
    ['The console, as the local admin (once, within 15 minutes):', signInLink],
  ]
  for (const [what = '', link = ''] of links) out.line(`${what}\n  ${link}`)
  out.line()
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
